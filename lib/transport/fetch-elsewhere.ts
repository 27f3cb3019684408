import type { FollowRedirect } from './contract.js';
import { followRedirect } from './follow-redirect.js';

export { fetchCapabilities } from './fetch-capabilities.js';
export { webFailure } from './web-failure.js';

/** Servers, and what is not a browser, show redirects: they are followed here, hop by hop. */
export const follow: FollowRedirect | undefined = followRedirect;
