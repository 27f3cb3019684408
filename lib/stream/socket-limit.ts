import { LimitError } from '../core/answer-errors.js';

/** A message was over the limit. */
export function tooLong(messageBytes: number): LimitError {
  return new LimitError('messageBytes', messageBytes, 'a message of the server is too long');
}
