import type { Context, Hono } from 'hono';
import type { SandboxDeps } from '#marketplaces/sandbox-kit/sandbox.ts';
import { createIssued } from './issued.ts';
import { uuid } from './uuid.ts';

/** 5 min, `url` in SP-API model feeds_2021-06-30 */
const URL_LIFETIME_S = 300;
const SIGNATURE_BYTES = 32;

type Document = { sellerId: string; contentType: string; content: string | undefined };

export type FeedDocuments = ReturnType<typeof createFeedDocuments>;

/** What sellers upload and download by presigned URLs, which need no token and answer as Amazon S3 does. */
export function createFeedDocuments(deps: Pick<SandboxDeps, 'now' | 'randomHex'>, publicUrl: string) {
  const documents = new Map<string, Document>();
  const signatures = createIssued<{ feedDocumentId: string; method: string }>({
    now: deps.now,
    lifetimeMs: URL_LIFETIME_S * 1000,
  });

  function presign(method: 'PUT' | 'GET', feedDocumentId: string): string {
    const signature = deps.randomHex(SIGNATURE_BYTES);
    signatures.issue(signature, { feedDocumentId, method });
    const query = new URLSearchParams({ 'X-Amz-Expires': String(URL_LIFETIME_S), 'X-Amz-Signature': signature });
    return `${publicUrl}/feed-documents/${feedDocumentId}?${query}`;
  }

  /** The document that a presigned URL opens, or why it opens none. */
  function open(c: Context): Document | Response {
    const found = signatures.find(c.req.query('X-Amz-Signature') ?? '');
    const isSigned = found?.value.method === c.req.method && found.value.feedDocumentId === c.req.param('id');
    if (!isSigned) return s3Error(c, 403, 'SignatureDoesNotMatch');
    return found.ended ? s3Error(c, 403, 'AccessDenied') : documents.get(found.value.feedDocumentId)!;
  }

  return {
    /** @param content absent where the seller is to upload it */
    create(sellerId: string, contentType: string, content?: string): { feedDocumentId: string } {
      const feedDocumentId = `amzn1.tortuga.4.eu.${uuid(deps.randomHex(16))}`;
      documents.set(feedDocumentId, { sellerId, contentType, content });
      return { feedDocumentId };
    },
    find(sellerId: string, feedDocumentId: string): Readonly<Document> | undefined {
      const found = documents.get(feedDocumentId);
      return found?.sellerId === sellerId ? found : undefined;
    },
    uploadUrl: (feedDocumentId: string): string => presign('PUT', feedDocumentId),
    downloadUrl: (feedDocumentId: string): string => presign('GET', feedDocumentId),
    addRoutes(app: Hono): void {
      app.put('/feed-documents/:id', async (c) => {
        const document = open(c);
        if (document instanceof Response) return document;
        // The content type is part of what was signed.
        if (c.req.header('content-type') !== document.contentType) return s3Error(c, 403, 'SignatureDoesNotMatch');
        document.content = await c.req.text();
        return c.body(null, 200);
      });
      app.get('/feed-documents/:id', (c) => {
        const document = open(c);
        if (document instanceof Response) return document;
        if (document.content === undefined) return s3Error(c, 404, 'NoSuchKey');
        return c.body(document.content, 200, { 'content-type': document.contentType });
      });
    },
    throttled: (c: Context): Response => s3Error(c, 503, 'SlowDown'),
    serverError: (c: Context): Response => s3Error(c, 500, 'InternalError'),
  };
}

/** Error codes of Amazon S3, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function s3Error(c: Context, status: 403 | 404 | 500 | 503, code: string): Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  return c.body(body, status, { 'content-type': 'application/xml' });
}
