// A small web service: answers in JSON, logs in JSON, and finishes what it began on SIGTERM.

import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const service = process.env.DELIGHTFUL_SERVICE || 'hello-node';
const commit = process.env.DELIGHTFUL_COMMIT || 'unknown';
const longestDelayMilliseconds = 10_000;
// ECS kills a task 30 seconds after SIGTERM.
const drainMilliseconds = 25_000;

let draining = false;

/** Write one line of JSON to standard output. */
function log(message, fields = {}) {
  const line = { time: new Date().toISOString(), message, service, commit, ...fields };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Say who answers. */
function home() {
  return [200, { message: 'hello from Node', service, commit }];
}

/** Tell the load balancer that traffic is welcome. */
function health() {
  return [200, { status: 'ok' }];
}

/** Answer after `?milliseconds=N`: a request that is in flight for a while. */
async function slow(query) {
  const wanted = query.get('milliseconds') ?? '1000';
  if (!/^\d{1,5}$/.test(wanted) || Number(wanted) > longestDelayMilliseconds) {
    return [400, { error: `milliseconds must be a number from 0 to ${longestDelayMilliseconds}` }];
  }
  await delay(Number(wanted));
  return [200, { waited_milliseconds: Number(wanted) }];
}

const routes = new Map([
  ['/', home],
  ['/healthz', health],
  ['/slow', slow],
]);

/** Find the answer to one request. */
async function answer(method, path, query) {
  if (method !== 'GET' && method !== 'HEAD') {
    return [501, { error: `unsupported method ${method}` }];
  }
  const route = routes.get(path);
  return route ? route(query) : [404, { error: 'not found' }];
}

/** Answer one request; once the server is draining, it is its connection's last. */
async function handle(request, response) {
  const started = performance.now();
  const [path, query = ''] = request.url.split('?', 2);
  const [status, body] = await answer(request.method, path, new URLSearchParams(query));
  const data = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(data),
    'X-Delightful-Commit': commit,
    ...(draining && { Connection: 'close' }),
  });
  response.end(data);
  const duration = Math.round((performance.now() - started) * 10) / 10;
  log('request', { method: request.method, path, status, duration_milliseconds: duration });
}

/** Read the port to listen on, or end with one line that says what is wrong. */
function portNumber(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65536) {
    return port;
  }
  process.stderr.write(`PORT must be a number from 1 to 65535, got ${JSON.stringify(text)}\n`);
  process.exit(1);
}

const server = createServer(handle);
// Longer than the load balancer's 60 seconds, so that it is never us who close first.
server.keepAliveTimeout = 65_000;

/** Take no new connections, end the idle ones, answer what is in flight. */
function drain(signal) {
  if (draining) {
    return;
  }
  draining = true;
  log('draining', { signal });
  server.close(() => log('stopped'));
  setTimeout(() => server.closeAllConnections(), drainMilliseconds).unref();
}

process.on('SIGTERM', drain);
process.on('SIGINT', drain);

const port = portNumber(process.env.PORT || '8080');
server.listen(port, process.env.HOST || '0.0.0.0', () => log('listening', { port }));
