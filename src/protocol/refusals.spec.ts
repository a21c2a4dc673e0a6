import { refusal } from './refusals.js';

describe('a refusal', () => {
  it('answers ping as if nothing was the matter', () => {
    expect(refusal('ping')).toMatchObject({ kind: 'result', json: { bytes: Buffer.from('{}') } });
  });

  it.each([
    ['sampling/createMessage', -1],
    ['roots/list', -32601],
    ['tasks/get', -32601],
  ])('answers %s with the error %d', (method, code) => {
    const reply = refusal(method);

    expect(reply.kind).toBe('error');
    expect(reply.json.object()['code']).toBe(code);
  });

  it('cancels an elicitation as a user would', () => {
    expect(refusal('elicitation/create').json.parse()).toEqual({ action: 'cancel' });
  });
});
