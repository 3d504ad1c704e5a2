// jsonata.js on a parsed order: the mapping evaluated with the same variables bound. $toUtc is the gateway's; without a time zone the
// company's clocks show UTC, there and here.
'use strict';
const { createRequire } = require('node:module');
const packages = createRequire(process.argv[2] + '/');
const jsonata = packages('jsonata');

require('./ask.js')(subject => {
  const mapping = jsonata(subject.mapping);
  mapping.registerFunction('toUtc', time => time + 'Z', '<s:s>');
  const run = () => mapping.evaluate(subject.order, subject.bindings);
  return {
    version: `jsonata ${packages('jsonata/package.json').version}`,
    operations: {
      map: {
        result: run,
        repeat: async times => {
          for (let i = 0; i < times; i++) await run();
        },
      },
    },
  };
});
