/*
 * The server under the contract suite. Everything is asked for in path and query, so that any client in any process,
 * a page included, can ask. `?id=` names the exchange in the log; `?cors=off` takes the CORS headers away; `?max-age=`
 * and `?preflight=` (a status) shape the preflight. Anything marked 1.1 answers 501 over HTTP/2. Repeatable: `*`.
 *
 * | path                  | query (default)                                                                                  |
 * | --------------------- | ------------------------------------------------------------------------------------------------ |
 * | /echo[/…]             | delay: JSON of method, url, headers, body, trailers, at, connection, httpVersion                 |
 * | /reply                | status reason type header*=n:v body/base64/size+fill info*=103 headDelay bodyDelay length=no     |
 * |                       | trailer*=n:v                                                                                     |
 * | /bytes                | size (1 MiB) length=no: bytes 0 to 255, again and again                                          |
 * | /no-content           | status (204) body: 204, 205, 304, with the body they must not have (1.1)                         |
 * | /json[/…]             | /json /json/empty /json/bom /json/invalid; /problem ?status (RFC 9457)                           |
 * | /text/…               | invalid-utf8 latin1 utf16 unknown-charset                                                        |
 * | /headers/…            | duplicate cookies long?bytes many?count                                                          |
 * | /ndjson               | rows (10, endless) interval size newline=crlf last=open; and all of the next line                |
 * | (all streams)         | status header* trailer* then=end/reset/fin/stall code                                            |
 * | /drip                 | bytes (20, endless) interval (1) char type                                                       |
 * | /split                | text every (1) interval (1) type: characters come apart                                          |
 * | /chunks               | chunk* interval (1) type                                                                         |
 * | /bad/reset-…          | before-head mid-head mid-body mid-chunk (over HTTP/2: RST_STREAM with code)                      |
 * | /bad/fin-…            | before-head mid-head mid-body mid-chunk before-last-chunk ends-body                              |
 * | /bad/stall-…          | before-head mid-head after-head mid-body; /bad/never                                             |
 * | /bad/chunk-…   (1.1)  | size-invalid size-negative size-huge size-empty without-crlf extension                           |
 * | /bad/length-…  (1.1)  | negative nan two two-same list and-chunked; /bad/body-too-long /bad/transfer-encoding-unknown    |
 * | /bad/header-…  (1.1)  | without-colon empty-name space-before-colon nul bare-cr bare-lf fold latin1 utf8                 |
 * | /bad/status-…  (1.1)  | garbage letters 99 1000 0 600 without-reason 101; /bad/version-1.0 /bad/version-9.9              |
 * | /bad/…         (1.1)  | http-0.9 h2-preface h2-settings tls-alert endless-header huge-header?bytes                       |
 * | /bad/close-after      | after how=fin/reset: keep-alive promised, connection closed                                      |
 * | /bad/reset-on-reuse   | the second request of a connection meets a reset                                                 |
 * | /bad/unasked          | status after: a second answer on the idle connection                                             |
 * | /bad/…                | connection-close early-answer goaway?code (HTTP/2)                                               |
 * | /raw           (1.1)  | send* base64* gap then=fin/reset/stall/keep: byte for byte                                       |
 * | /redirect             | status (302) to* cookie* header* delay body/size/drip+interval                                   |
 * | /redirect/chain       | n (3) status to (/echo); /redirect/loop ?status                                                  |
 * | /encoded              | as*=gzip/x-gzip/deflate/deflate-raw/br/zstd/any  body/base64/size+fill  type status header       |
 * |                       | chunked damage=truncate/corrupt/checksum/trailing/twice/empty                                    |
 * | /bomb                 | as* (gzip) bytes (256 MiB) status: zeros                                                         |
 * | /flaky                | key fail (1) how=status/reset/fin/stall/truncate/refuse status (503) retryAfter* delay then      |
 * | /attempts             | key: how often, and when                                                                         |
 * | /limited              | key max (5) windowMs (1000): 429, Retry-After, RateLimit                                         |
 * | /latency              | key seed medianMs (5) tail (0.05) tailMs (100)                                                   |
 * | /crowd                | key ms (10) max: how many at once                                                                |
 * | /auth/token           | key delay status; then /auth/bearer?key /auth/expire?key /auth/state?key                         |
 * | /auth/basic           | user pass                                                                                        |
 * | /cookies              | what came; /cookies/set?name=value*&attributes                                                   |
 * | /upload               | bytes and sha-256 of what came                                                                   |
 * | /upload/slow          | rate (bytes per second)                                                                          |
 * | /upload/stall         | after (bytes read first) ms (ever)                                                               |
 * | /upload/reject        | status (413) keep: answered without reading                                                      |
 * | /upload/reset         | after (1) how=reset/fin code                                                                     |
 * | /upload/expect        | answer=continue/417/413/silent delay                                                             |
 * | /upload/multipart     | name, filename, type, size, sha256 of every part; 400 where malformed                            |
 * | /-/…                  | the handle over HTTP: stats log?of preflights attempts?of closed?of&within reset                 |
 */
export { testAuthority } from './server/certificates.js';
export { forkServer } from './server/fork.js';
export { type Proxy, type ProxyOptions, startProxy } from './server/proxy.js';
export { hasZstd } from './server/routes-encoding.js';
export { startServer } from './server/start.js';
export { nowhere, refusedOrigin, startTcp } from './server/tcp.js';
export type { Exchange, RemoteServer, Route, Server } from './server/types.js';
