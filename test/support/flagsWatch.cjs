// Preloaded into a program under test: each flag that it sets in V8 is a line of the file that PARLEY_TEST_FLAGS names.
const fs = require('node:fs');
const v8 = require('node:v8');

const set = v8.setFlagsFromString;
v8.setFlagsFromString = (flag) => {
  fs.appendFileSync(process.env.PARLEY_TEST_FLAGS, `${flag}\n`);
  set(flag);
};
