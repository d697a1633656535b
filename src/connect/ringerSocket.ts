/**
 * JavaScript for a plugin of ours inside a client: the function `listenForRings(client, session, answer)`, which takes rings
 * and tests as JSON lines on the socket that `src/ringers/pluginSocket.ts` names, and says what `answer` returns; `answer` is told how to say more later on, and whether who asked has gone. It does
 * nothing where there is no home, and never throws. Expects `createHash`, `createServer`, `fs`, `path` and `homedir`.
 */
export const ringerSocketSource = `
const longestLine = 64 * 1024;
const mostConnections = 16;

function serve(socket, answer) {
  let rest = '';
  const say = (value) => void (socket.writable && socket.write(JSON.stringify(value) + '\\n'));
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\\n');
    rest = lines.pop();
    if (rest.length > longestLine) return socket.destroy();
    for (const line of lines) {
      let asked;
      try {
        asked = JSON.parse(line) ?? {};
      } catch {
        asked = {};
      }
      Promise.resolve()
        .then(() => answer(asked, { say, isGone: () => socket.destroyed }))
        .then(say)
        .catch((error) => say({ error: String(error?.message ?? error).slice(0, 200) }));
    }
  });
}

function listenForRings(client, session, answer) {
  try {
    const set = process.env.PARLEY_HOME;
    const home = set ? path.resolve(set) : path.join(homedir(), '.parley');
    if (!fs.existsSync(home)) return;
    const name = client + '-' + createHash('sha256').update(session).digest('hex').slice(0, 16);
    const isWindows = process.platform === 'win32';
    const socket = isWindows ? '\\\\\\\\.\\\\pipe\\\\parley-' + name : path.join(home, 'ringers', name + '.sock');
    if (!isWindows) {
      fs.mkdirSync(path.dirname(socket), { recursive: true, mode: 0o700 });
      // Left by a process of this session that was killed.
      fs.rmSync(socket, { force: true });
    }
    const server = createServer((connection) => serve(connection, answer));
    server.maxConnections = mostConnections;
    // Without its socket Parley finds another way; the session must not notice.
    server.on('error', () => undefined);
    const mask = isWindows ? undefined : process.umask(0o177);
    server.listen(socket, () => undefined);
    if (mask !== undefined) process.umask(mask);
    server.unref?.();
    if (!isWindows) process.once('exit', () => fs.rmSync(socket, { force: true }));
  } catch {
    // As without Parley.
  }
}
`;
