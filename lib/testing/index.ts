export type { FakeExchange, RequestMatch } from './fake-exchange.js';
export type { FakeHeadersInput } from './fake-headers.js';
export { type FakeTransport, fakeTransport, type FakeTransportOptions } from './fake-transport.js';
export { flaky } from './flaky.js';
export { type FlowRuleOptions, obeysTheFlowRules } from './flow-rules.js';
export { type LawOptions, obeysTheOperatorLaws, type OperatorLaw } from './laws.js';
export { operatorObeysTheFlowRules, type OperatorRuleOptions } from './operator-rules.js';
export type { Expect, Runner } from './runner.js';
export { type VirtualTime, virtualTime } from './virtual-time.js';
