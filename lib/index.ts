export { blob, type BlobShape, type PlatformBlob } from './codec/blob.js';
export { bytes } from './codec/bytes.js';
export type { Decoder, DecoderContext, DecoderRun, OnInvalid } from './codec/decoder.js';
export { json } from './codec/json.js';
export { jsonSeq, type JsonSeqOptions } from './codec/json-seq.js';
export { lines } from './codec/lines.js';
export { ndjson, type NdjsonOptions } from './codec/ndjson.js';
export type { SseContext, SseData, SseDataOf, SseDecoder, SseEvent, SseEventsOf, SseRun } from './codec/sse-types.js';
export { sse, type SseInput, type SseOptions } from './codec/sse.js';
export { text } from './codec/text.js';
export { AllFailedError } from './core/all-failed-error.js';
export {
  DecodeError,
  LimitError,
  type Problem,
  ProtocolError,
  RedirectError,
  SchemaError,
  type SchemaIssue,
  StatusError,
  type StatusFacts,
} from './core/answer-errors.js';
export { type Backoff, exponential, type ExponentialOptions } from './core/backoff.js';
export { type Budget, type BudgetOptions, type BudgetSnapshot, type BudgetState, createBudget } from './core/budget.js';
export { type Clock, systemClock } from './core/clock.js';
export { type CallRecord, combineCalls, type CombineCallsOptions, type Combined } from './core/combine-calls.js';
export type { Demand, FlowSubscriber, Publisher } from './core/demand.js';
export {
  AbortError,
  ApiError,
  ConfigError,
  type ErrorFacts,
  type ErrorKind,
  isApiError,
  isRetryable,
  NetworkError,
  type NetworkPhase,
  RejectedError,
  type RejectedWhy,
  type RequestSummary,
  TimeoutError,
  type TimeoutKind,
} from './core/errors.js';
export { flowOperator } from './core/flow-operator.js';
export { FLOW, Flow, FLOW_OPERATOR, type FlowOperator, isFlow } from './core/flow.js';
export { fromAsync } from './core/from-async.js';
export { type Done, fromCallback } from './core/from-callback.js';
export { fromIterable } from './core/from-iterable.js';
export { fromObservable, type FromObservableOptions } from './core/from-observable.js';
export { fromReadable } from './core/from-readable.js';
export type { ConcurrencyOptions } from './core/merge/places.js';
export type { Overflow } from './core/overflow.js';
export type { Concurrency, LimitSource } from './core/policy/limit-source.js';
export type { Outcome } from './core/policy/outcome.js';
export { isProgress, PROGRESS } from './core/progress.js';
export type { Random } from './core/random.js';
export type { NodeReadable, WebReadable, WebReader } from './core/readable-ports.js';
export type { Signal, SignalLike } from './core/signal.js';
export { through } from './core/through.js';
export type { Head, HeadersView, Limits } from './core/wire.js';
export type { ApiEvent, ApiResponse, ProgressEvent, ResponseInfo, Timings } from './http/answer-types.js';
export { type Api, createApi } from './http/api.js';
export { apiKey, type ApiKeyOptions, type AuthOptions, basic, bearer, xsrf, type XsrfOptions } from './http/auth.js';
export { Call } from './http/call.js';
export type { Auth } from './http/credentials.js';
export { perOrigin, perRoute } from './http/keyed.js';
export { type FetchLike, toFetch } from './http/to-fetch.js';
export type {
  AbortSignalLike,
  ApiOptions,
  ApiRequest,
  BodyInput,
  CallOptions,
  Cookies,
  Handler,
  HeadersInput,
  JsonInput,
  Layer,
  Policy,
  QueryInput,
  QueryScalar,
  Redirects,
  RetryOptions,
  Timeouts,
  TimeoutsInput,
  UrlLike,
} from './http/types.js';
export { CloseError, type CloseMeaning } from './stream/close-error.js';
export { decode, type DecodeOptions } from './stream/decode.js';
export type { DownloadOptions } from './stream/download-settings.js';
export { download } from './stream/download.js';
export type { EventConnection, EventStreamOptions, PerConnection, StreamEnd } from './stream/event-stream-options.js';
export { eventStream } from './stream/event-stream.js';
export type { ExchangeOptions, PerExchange } from './stream/exchange-options.js';
export { longRunning } from './stream/long-running.js';
export { OperationError, type OperationFacts, type OperationOutcome } from './stream/operation-error.js';
export type { LongRunningOptions } from './stream/operation-settings.js';
export type {
  Operation,
  OperationAnswer,
  OperationEvent,
  OperationMode,
  OperationReader,
  OperationState,
  OperationVerdict,
  OperationWords,
} from './stream/operation-types.js';
export type { Page, PageEvent, PageHappening } from './stream/page.js';
export { Pages, paginate, type PaginateOptions } from './stream/paginate.js';
export { mayPass, type ReconnectOptions } from './stream/reconnect-options.js';
export type { DownloadCursor } from './stream/representation.js';
export type { SocketData } from './stream/socket-contract.js';
export type {
  HeartbeatOptions,
  OutboundOptions,
  RequestOptions,
  SocketAttempt,
  SocketChannel,
  SocketCodec,
  SocketHandshake,
  SocketState,
  SocketUrl,
  TopicOptions,
  WebSocketOptions,
} from './stream/socket-types.js';
export type { ConnectionEvent, Happening, StreamEvent } from './stream/stream-events.js';
export { type StartStream, StreamFlow } from './stream/stream-flow.js';
export type { ByteProgress, TransferEvent, TransferFlow } from './stream/transfer-events.js';
export { UploadFlow } from './stream/upload-flow.js';
export type { UploadOptions, UploadProtocol, UploadResult } from './stream/upload-settings.js';
export type { UploadBlob, UploadHandle, UploadSource } from './stream/upload-source.js';
export { memoryUploadStore, type StoredPart, type StoredUpload, type UploadStore } from './stream/upload-store.js';
export { upload } from './stream/upload.js';
export { webSocket } from './stream/web-socket.js';
export type {
  BlobLike,
  ByteStream,
  Capabilities,
  FollowRedirect,
  FormDataLike,
  Hop,
  RedirectRules,
  Target,
  Transport,
  TransportBody,
  TransportHandle,
  TransportRequest,
  TransportSink,
} from './transport/contract.js';
export { crossFetch } from './transport/cross-fetch.js';
export { fetchTransport } from './transport/fetch.js';
export { followRedirect } from './transport/follow-redirect.js';
export { xhr } from './transport/xhr.js';
