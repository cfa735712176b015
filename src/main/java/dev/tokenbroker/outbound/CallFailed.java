package dev.tokenbroker.outbound;

/**
 * A call without a document, or without a complete response to a form. Whether the peer acted on
 * the form is unknown.
 *
 * @param detail a sentence without anything of the request or of the response body
 */
public record CallFailed(FetchFailure kind, String detail)
    implements Fetched,
        Posted,
        HttpClients.NamedClient,
        HttpExchange.End,
        HostResolver.Resolved,
        Redirect {}
