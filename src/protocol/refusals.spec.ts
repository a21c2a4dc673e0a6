import { refusal } from './refusals.js';

describe('a refusal', () => {
  it('answers ping as if nothing was the matter', () => {
    expect(refusal('ping', '2024-11-05')).toMatchObject({ kind: 'result', json: { bytes: Buffer.from('{}') } });
  });

  it.each([
    ['sampling/createMessage', -1],
    ['roots/list', -32601],
    ['tasks/get', -32601],
  ])('answers %s with the error %d', (method, code) => {
    const reply = refusal(method, '2025-11-25');

    expect(reply.kind).toBe('error');
    expect(reply.json.object()['code']).toBe(code);
  });

  it('cancels an elicitation as a user would, where there are any', () => {
    expect(refusal('elicitation/create', '2025-06-18').json.parse()).toEqual({ action: 'cancel' });
    expect(refusal('elicitation/create', '2025-03-26').json.object()['code']).toBe(-32601);
  });
});
