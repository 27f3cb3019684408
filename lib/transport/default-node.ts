export { defaultTransport } from './default-fetch.js';
