// The conversation of both scripts: the first line is the subject as JSON, each later one `result NAME` or `run NAME SLICES MS`.
'use strict';
const readline = require('node:readline');

/** Operations between two looks at the clock. */
const BATCH = 20;

/** Nanoseconds per operation: the fastest of so many slices of so many milliseconds. */
async function measure(operation, slices, ms) {
  const times = [];
  while (times.length < slices) {
    const start = process.hrtime.bigint();
    const end = start + BigInt(ms) * 1000000n;
    let count = 0;
    let now = start;
    while (now < end) {
      await operation(BATCH);
      count += BATCH;
      now = process.hrtime.bigint();
    }
    times.push(Number(now - start) / count);
  }
  return Math.min(...times);
}

/**
 * @param setUp Takes the subject; gives `version` and `operations`: by name, `result()` and `repeat(times)`.
 */
module.exports = async function ask(setUp) {
  let operations;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (operations === undefined) {
      const ready = setUp(JSON.parse(line));
      operations = ready.operations;
      console.log(`Node ${process.version}, ${ready.version}`);
      continue;
    }
    const [verb, name, slices, ms] = line.split(' ');
    console.log(verb === 'run' ? await measure(operations[name].repeat, Number(slices), Number(ms)) : JSON.stringify(await operations[name].result()));
  }
};
