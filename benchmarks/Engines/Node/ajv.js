// ajv with ajv-formats on parsed orders: one operation per order of the subject, by its name.
'use strict';
const { createRequire } = require('node:module');
const packages = createRequire(process.argv[2] + '/');
const Ajv = packages('ajv/dist/2020').default;
const addFormats = packages('ajv-formats').default;

require('./ask.js')(subject => {
  // Strict, as the gateway is, and x- keywords announced; multipleOf would else be judged in binary fractions.
  const extensions = new Set([...JSON.stringify(subject.schema).matchAll(/"(x-[a-z-]+)":/g)].map(found => found[1]));
  const ajv = new Ajv({ strict: true, multipleOfPrecision: 6, keywords: [...extensions] });
  addFormats(ajv);
  const validate = ajv.compile(subject.schema);
  const operations = {};
  for (const [name, order] of Object.entries(subject.orders)) {
    operations[name] = {
      result: () => validate(order),
      repeat: times => {
        let valid = 0;
        for (let i = 0; i < times; i++) valid += validate(order) ? 1 : 0;
        return valid;
      },
    };
  }
  return { version: `ajv ${packages('ajv/package.json').version}, ajv-formats ${packages('ajv-formats/package.json').version}`, operations };
});
