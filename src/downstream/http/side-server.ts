import type { RequestListener, Server } from 'node:http';

import { headerProblem } from '../request-headers.js';
import { createListener, type ListenerOptions } from './listener.js';
import { refuse } from './refusal.js';

/** A server beside the main one, not listening yet, that takes from clients no more than that one does. */
export function createSideServer(options: ListenerOptions, listener: RequestListener): Server {
  return createListener(options, (request, response) => {
    const problem = headerProblem(request);
    if (problem) refuse(response, problem);
    else listener(request, response);
  });
}
