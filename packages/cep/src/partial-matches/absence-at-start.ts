/** The fault of a start that an absence forbids. Flink cannot give back what the start does not have (a NullPointerException there); the validator refuses such patterns. */
import { JobFault } from '@tidemark/core';

export const absenceAtStart = (patternId: string): JobFault => new JobFault('An absence forbids the very first event, because all stages before it can be left out.', {
  domain: 'user', retry: 'no-retry', code: 'absence-at-start', operatorId: patternId, remedy: 'Make a stage before the absence required.',
});
