/** A message of the size of its row, and what is in it. */
export interface Sample {
  readonly content: 'call' | 'modern call' | 'text' | 'nested' | 'escaped';
  readonly frame: Buffer;
}

const KB = 1_024;
const SIZES = [200, KB, 10 * KB, 100 * KB, 1_024 * KB];

/** Requests as clients send them, and results of every size: plain text, nested JSON, and JSON as the text of a block. */
export const SAMPLES: readonly Sample[] = [
  { content: 'call', frame: frame({ method: 'tools/call', params: call() }) },
  { content: 'modern call', frame: frame({ method: 'tools/call', params: { ...call(), _meta: envelope() } }) },
  ...SIZES.map((size) => ({ content: 'text' as const, frame: textResult(size) })),
  ...SIZES.map((size) => ({ content: 'nested' as const, frame: nestedResult(size) })),
  ...SIZES.slice(1, 4).map((size) => ({ content: 'escaped' as const, frame: escapedResult(size) })),
];

function frame(members: object): Buffer {
  return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 12_345, ...members }));
}

function call(): object {
  return { name: 'echo', arguments: { text: 'x'.repeat(100) } };
}

function envelope(): object {
  return {
    progressToken: 7,
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
}

function textResult(bytes: number): Buffer {
  const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(bytes / 45 + 1);
  return frame({ result: { content: [{ type: 'text', text: prose.slice(0, bytes - 90) }] } });
}

function nestedResult(bytes: number): Buffer {
  return frame({ result: { structuredContent: { rows: rows(bytes - 80) } } });
}

function escapedResult(bytes: number): Buffer {
  return frame({ result: { content: [{ type: 'text', text: JSON.stringify(rows(bytes * 0.8)) }] } });
}

/** Records that are alike, as those of a database, and yet of no pattern that a processor could learn by heart. */
function rows(bytes: number): object[] {
  const made: object[] = [];
  let seed = 42;
  const luck = (below: number) => (seed = (seed * 16_807) % 2_147_483_647) % below;
  for (let left = bytes; left > 0;) {
    const row = {
      id: luck(100_000),
      name: 'n'.repeat(3 + luck(20)),
      tags: Array.from({ length: luck(4) }, () => 't'.repeat(1 + luck(8))),
      price: luck(10_000) / 100,
      active: luck(2) === 1,
      place: { x: luck(200) - 100, y: -luck(1_000) / 7, note: luck(3) === 0 ? null : 'somewhere' },
    };
    made.push(row);
    left -= JSON.stringify(row).length + 1;
  }
  return made;
}
