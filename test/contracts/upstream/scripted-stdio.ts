import { ScriptedPeer } from './scripted-peer.ts';

// A scripted server as a child process. Lines end with LF and nothing else, which `node:readline` does not keep to.
const peer = new ScriptedPeer();
let rest = '';
process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    peer.receive(line, {
      say: (text) => process.stdout.write(`${text}\n`),
      breakOff: () => process.kill(process.pid, 'SIGKILL'),
    });
  }
});
