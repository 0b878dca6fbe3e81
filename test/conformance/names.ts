/** Every name that the suite uses, so that an engine which must create its queues and tables first can. */
export const QUEUE = 'conformance-queue';
export const OTHER_QUEUE = 'conformance-other-queue';
export const TABLE = 'conformance-table';
export const OTHER_TABLE = 'conformance-other-table';
export const SECRET = 'conformance-secret';
export const RULE = 'conformance-rule';
