import { randomBytes } from 'node:crypto';

import * as fc from 'fast-check';

import { failure, success } from '../../../test/support/fake-group.ts';
import { InputRequest, McpRequest, type InterimMessage, type McpReply, type Params } from '../../core/message.js';
import { ANONYMOUS, type Principal } from '../../core/principal.js';
import { Sealer } from '../../core/sealed.js';
import { readParams } from '../../protocol/index.js';
import { TaskIds, type TaskOwner } from './task-ids.js';
import { concernsTask, TaskRelay } from './task-relay.js';

const ANNA: Principal = { ...ANONYMOUS, method: 'test', subject: 'anna' };
const BERT: Principal = { ...ANNA, subject: 'bert' };
const OWNER: TaskOwner = { group: 'crm', server: 'crm-1', principal: ANNA, stay: 'a', era: 'legacy' };
const asker = (principal: Principal) => ({ principal, era: 'legacy' as const });
const RELATED = 'io.modelcontextprotocol/related-task';

const relay = new TaskRelay(new Sealer(randomBytes(32)));
const { ids } = relay;
const sealed = ids.seal('t', OWNER);

const paramsOf = (text: string): Params => readParams(Buffer.from(text));
const request = (method: string, text: string): McpRequest => new McpRequest(method, paramsOf(text));
const textOf = ({ json }: McpReply): string => json.bytes.toString();

describe('the id of a task', () => {
  it('is the same every time, opens to where the task is, and to nobody else', () => {
    const task = fc.record({ id: fc.string(), group: fc.string(), server: fc.string() });
    fc.assert(
      fc.property(task, ({ id, group, server }) => {
        const owner = { ...OWNER, group, server };
        const given = ids.seal(id, owner);
        expect(ids.seal(id, owner)).toBe(given);
        expect(ids.open(given, asker(ANNA))).toEqual({ group, name: id, server });
        expect(ids.open(given, asker(BERT))).toBeUndefined();
      }),
    );
  });

  it('is another one for another task, server, group or principal', () => {
    const given = [
      sealed,
      ids.seal('u', OWNER),
      ids.seal('t', { ...OWNER, server: 'crm-2' }),
      ids.seal('t', { ...OWNER, group: 'wiki' }),
      ids.seal('t', { ...OWNER, principal: BERT }),
      ids.seal('t', { ...OWNER, era: 'modern' }),
    ];
    expect(new Set(given).size).toBe(given.length);
  });

  it('of one era is nothing to clients of the other', () => {
    const modern = ids.seal('t', { ...OWNER, era: 'modern' });
    expect(ids.open(modern, { principal: ANNA, era: 'modern' })).toEqual({ group: 'crm', name: 't', server: 'crm-1' });
    expect(ids.open(modern, asker(ANNA))).toBeUndefined();
    expect(ids.open(sealed, { principal: ANNA, era: 'modern' })).toBeUndefined();
  });

  it('is nothing that was sealed as something else', () => {
    const sealer = new Sealer(Buffer.alloc(32, 1));
    const cursor = sealer.seal('cursor', '["test","anna"]', { group: 'crm', server: 'crm-1', id: 't' });
    expect(new TaskIds(sealer).open(cursor, asker(ANNA))).toBeUndefined();
    expect(ids.open('', asker(ANNA))).toBeUndefined();
    expect(ids.open('x'.repeat(1_000_000), asker(ANNA))).toBeUndefined();
  });
});

describe('a reply that concerns a task', () => {
  it('has the id of the task where the method has it, and is untouched everywhere else', () => {
    const cases: [method: string, told: string, shown: string][] = [
      ['tools/call', '{ "task": {"taskId":"t","n":1.0} }', `{ "task": {"taskId":"${sealed}","n":1.0} }`],
      ['tools/call', '{"taskId":"t","content":[{"taskId":"t"}]}', '{"taskId":"t","content":[{"taskId":"t"}]}'],
      ['tasks/get', '{"taskId":"t","status":"working"}', `{"taskId":"${sealed}","status":"working"}`],
      ['tasks/cancel', '{"taskId":"\\u0074"}', `{"taskId":"${sealed}"}`],
      [
        'tasks/result',
        `{"taskId":"t","_meta":{"a":"taskId","${RELATED}":{"taskId":"t"}}}`,
        `{"taskId":"t","_meta":{"a":"taskId","${RELATED}":{"taskId":"${sealed}"}}}`,
      ],
    ];
    for (const [method, told, shown] of cases) {
      expect(textOf(relay.exposeReply(request(method, '{}'), success(told), OWNER))).toBe(shown);
    }
  });

  it('is the very same when there is nothing of a task in it, or when it is an error', () => {
    for (const reply of [success('{"content":[]}'), failure('{"code":1,"message":"taskId","data":{"taskId":"t"}}')]) {
      expect(relay.exposeReply(request('tools/call', '{"name":"a","task":{}}'), reply, OWNER)).toBe(reply);
    }
  });

  it('keeps the id under which the client asked, though it was sealed with an older key', () => {
    const [older, newer] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const known = new TaskIds(new Sealer(older)).seal('t', OWNER);
    const rotated = new TaskRelay(new Sealer(newer, older));

    const reply = rotated.exposeReply(request('tasks/get', `{"taskId":"${known}"}`), success('{"taskId":"t"}'), OWNER);

    expect(textOf(reply)).toBe(`{"taskId":"${known}"}`);
    expect(rotated.ids.seal('t', OWNER)).not.toBe(known);
  });

  it('is only looked for where a request says so', () => {
    expect(concernsTask(request('tools/call', '{"name":"a","task":{}}'))).toBe(true);
    expect(concernsTask(request('tools/call', '{"name":"a","arguments":{"task":{}}}'))).toBe(false);
    expect(concernsTask(request('tasks/get', '{"taskId":"t"}'))).toBe(true);
    expect(concernsTask(new McpRequest('tools/call', undefined))).toBe(false);
    expect(concernsTask(request('prompts/get', '{"name":"a","task":{}}'))).toBe(false);
  });
});

describe('what is said on the way to a reply', () => {
  const notification = (method: string, text: string): InterimMessage => ({
    kind: 'notification',
    method,
    params: paramsOf(text),
  });

  it('has the ids that the client knows', () => {
    const status = relay.exposeInterim(notification('notifications/tasks/status', '{"taskId":"t"}'), OWNER);
    expect(status.params?.object()).toEqual({ taskId: sealed });

    const text = `{"progressToken":7,"_meta":{"${RELATED}":{"taskId":"t"}}}`;
    const progress = relay.exposeInterim(notification('notifications/progress', text), OWNER);
    expect(progress.params?.object()).toEqual({ progressToken: 7, _meta: { [RELATED]: { taskId: sealed } } });
    // The token is still found, to be replaced by the client's.
    expect(progress.params?.read('token')).toBe(7);
  });

  it('is the very same message where no task is in it', () => {
    const message = notification('notifications/message', '{"data":"taskId t","_meta":{}}');
    expect(relay.exposeInterim(message, OWNER)).toBe(message);
  });

  it('is answered under the ids that the server knows', () => {
    const answers: string[] = [];
    const reports: unknown[] = [];
    const asked = new InputRequest('elicitation/create', paramsOf(`{"_meta":{"${RELATED}":{"taskId":"t"}}}`), {
      answered: (reply) => answers.push(textOf(reply)),
      refused: () => answers.push('refused'),
      progressed: (params) => reports.push(params.object()),
      onWithdrawn: (callback) => callback('gone'),
    });
    const shown = relay.exposeInterim(asked, OWNER) as InputRequest;
    const withdrawn = vi.fn();

    expect(shown.params?.object()).toEqual({ _meta: { [RELATED]: { taskId: sealed } } });
    shown.answered(success(`{"action":"accept","_meta":{"${RELATED}":{"taskId":"${sealed}"}}}`));
    shown.answered(success(`{"_meta":{"${RELATED}":{"taskId":"foreign"}}}`));
    shown.progressed(paramsOf(`{"progressToken":1,"_meta":{"${RELATED}":{"taskId":"${sealed}"}}}`));
    shown.onWithdrawn(withdrawn);

    expect(answers).toEqual([
      `{"action":"accept","_meta":{"${RELATED}":{"taskId":"t"}}}`,
      `{"_meta":{"${RELATED}":{"taskId":"foreign"}}}`,
    ]);
    expect(reports).toEqual([{ progressToken: 1, _meta: { [RELATED]: { taskId: 't' } } }]);
    expect(withdrawn).toHaveBeenCalledWith('gone');
  });

  it('goes to the server under its own ids', () => {
    const asked = request('tasks/result', `{"taskId":"x","_meta":{"${RELATED}":{"taskId":"${sealed}"}}}`);
    const restored = relay.restoreRequest(asked.withName('t'), asker(ANNA));

    expect(restored.object()).toEqual({ taskId: 'x', _meta: { [RELATED]: { taskId: 't' } } });
    expect(restored.renamed).toBe('t');
    expect(relay.restoreRequest(asked, asker(BERT))).toBe(asked);
  });
});
