/** An outgoing HTTP request as data: a connector builds it, `send.ts` sends it. */
export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
};

/** What came back. Header names are lower case; `body` is the whole body, decoded as UTF-8. */
export type HttpResponse = {
  status: number;
  headers: Record<string, string>;
  body: string;
};
