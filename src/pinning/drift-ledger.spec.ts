import { DriftLedger } from './drift-ledger.js';

describe('the ledger of drifts', () => {
  it('tells each once', () => {
    const ledger = new DriftLedger();
    expect([ledger.take('crm', 'a', 'x'), ledger.take('crm', 'a', 'x'), ledger.take('crm', 'a', 'y')]).toEqual([
      'news',
      'known',
      'news',
    ]);
  });

  it('does not tell without end of a server that never says the same twice, and of all others goes on', () => {
    const ledger = new DriftLedger();
    const told = Array.from({ length: 5_000 }, (_, n) => ledger.take('crm', `tool ${n}`));
    expect(told.filter((one) => one === 'news').length).toBe(1_000);
    expect(told.filter((one) => one === 'last').length).toBe(1);
    expect(ledger.take('wiki', 'a')).toBe('news');
    ledger.begin();
    expect([ledger.take('crm', 'new'), ledger.take('crm', 'tool 1')]).toEqual(['news', 'known']);
  });
});
