import { displayText } from './display-text.js';

describe('displayText', () => {
  it('leaves an ordinary name as it is', () => {
    expect(displayText('Claude Désktop 1.2 (日本語)')).toBe('Claude Désktop 1.2 (日本語)');
  });

  it('takes out line breaks, escape sequences and direction marks', () => {
    expect(displayText('a\r\nb\u001b[31mc\u202ed\u2028e')).toBe('a b [31mc d e');
  });

  it('cuts at 128 characters, and never leaves half a character behind', () => {
    expect(displayText('x'.repeat(500))).toHaveLength(128);
    expect(displayText(`${'x'.repeat(127)}😀`)).toBe(`${'x'.repeat(127)} `);
  });
});
