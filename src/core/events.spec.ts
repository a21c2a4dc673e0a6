import { Events } from './events.js';

const applied = (generation: number) => ['config.applied', { generation, changed: [] }] as const;

describe('events', () => {
  it('are heard by everybody who listens, in the order in which they began to', () => {
    const events = new Events();
    const heard: string[] = [];
    events.on('config.applied', ({ generation }) => heard.push(`a${generation}`));
    events.on('config.applied', ({ generation }) => heard.push(`b${generation}`));
    events.on('config.rejected', () => heard.push('other'));

    events.emit(...applied(1));

    expect(heard).toEqual(['a1', 'b1']);
  });

  it('are heard by nobody who stopped listening', () => {
    const events = new Events();
    const heard: number[] = [];
    const stop = events.on('config.applied', ({ generation }) => heard.push(generation));

    events.emit(...applied(1));
    stop();
    stop();
    events.emit(...applied(2));

    expect(heard).toEqual([1]);
  });

  it('reach the others when one listener fails, and the failure is reported', () => {
    const faults: unknown[] = [];
    const events = new Events((thrown) => faults.push(thrown));
    const heard: number[] = [];
    const fault = new Error('deaf');
    events.on('config.applied', () => {
      throw fault;
    });
    events.on('config.applied', ({ generation }) => heard.push(generation));

    events.emit(...applied(1));

    expect(heard).toEqual([1]);
    expect(faults).toEqual([fault]);
  });

  it('still reach those who were listening when one of them stops another', () => {
    const events = new Events();
    const heard: string[] = [];
    events.on('config.applied', () => stop());
    const stop = events.on('config.applied', () => heard.push('b'));

    events.emit(...applied(1));
    events.emit(...applied(2));

    expect(heard).toEqual(['b']);
  });
});
