// Preloaded into a broker under test. SIGUSR2: it collects its garbage and writes what it holds to the file that PARLEY_TEST_WATCH
// names. PARLEY_TEST_WALL names a file with milliseconds by which the wall clock, and nothing else, is wrong; what was
// read from it last stands in a file of that name and `.read`.
const fs = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
const { PARLEY_TEST_WATCH: watch, PARLEY_TEST_WALL: wall } = process.env;

/** Timers that were set and have neither run nor been taken back; the system's own count leaves out those that keep nothing alive. */
const timers = new Set();
if (watch !== undefined) {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  globalThis.setTimeout = Object.assign((run, milliseconds, ...args) => {
    const timer = set(() => {
      timers.delete(timer);
      run(...args);
    }, milliseconds);
    timers.add(timer);
    return timer;
  }, set);
  globalThis.clearTimeout = (timer) => {
    timers.delete(timer);
    clear(timer);
  };
}

if (watch !== undefined && process.argv[1]?.endsWith('broker.js')) {
  process.on('SIGUSR2', () => {
    for (let round = 0; round < 3; round++) collect();
    const { heapUsed, external } = process.memoryUsage();
    fs.writeFileSync(
      `${watch}.part`,
      JSON.stringify({ heapUsed, external, timers: timers.size, fds: fs.readdirSync('/proc/self/fd').length }),
    );
    fs.renameSync(`${watch}.part`, watch);
  });
}

if (wall !== undefined) {
  const right = Date.now;
  let wrong = 0;
  const read = () => {
    wrong = fs.existsSync(wall) ? Number(fs.readFileSync(wall, 'utf8')) : 0;
    fs.writeFileSync(`${wall}.read`, String(wrong));
  };
  read();
  fs.watchFile(wall, { interval: 20, persistent: false }, read);
  Date.now = () => right() + wrong;
}
