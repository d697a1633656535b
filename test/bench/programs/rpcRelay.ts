// The relay again, on what the rpc door is made of: JSON-RPC over WebSocket, and nothing behind it. What Parley takes beyond
// this is the switchboard and the journal.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { RpcError, RpcPeer } from '../../../src/transport/rpcPeer';

interface Passed {
  readonly name?: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
}

const byName = new Map<string, RpcPeer>();
const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  const peer: RpcPeer = new RpcPeer(socket, {
    request(_method, params) {
      const { name, to, from, text } = params as Passed;
      if (name !== undefined) byName.set(name, peer);
      else byName.get(to)?.notify('told', { from, text });
      return {};
    },
    refusal: (error) => new RpcError(0, String(error)),
    notification: () => undefined,
    broken: () => socket.terminate(),
  });
});
server.listen(process.argv[2]);
