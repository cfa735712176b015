package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.AnswerText;
import io.quarkus.arc.Unremovable;
import io.quarkus.oidc.common.OidcRequestFilter;
import io.quarkus.oidc.common.OidcResponseFilter;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.client.HttpRequest;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Bounds each request of the OIDC clients, and judges each response before the client reads it.
 *
 * <p>Without it the client would lose the status of a refusal, read a response of any size, wait
 * for ever, and follow a redirect with the broker's secret. Safe for use by several threads.
 */
@Singleton
@Unremovable
final class ProviderAnswers implements OidcRequestFilter, OidcResponseFilter {

  /** The time for a connection, and for each pause of a response; longer than a caller waits. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  /** The property of a request with the name of its client. */
  private static final String CLIENT = "client-id";

  /** The property with the request itself: its secrets end with the call. */
  private static final String REQUEST = "dev.tokenbroker.request";

  /** The last body of each client: as many as there are clients, since a client has one call. */
  private final Map<String, BoundedBody> bodies = new ConcurrentHashMap<>();

  @Override
  public Uni<Void> filter(OidcRequestFilterContext context) {
    BoundedBody body = new BoundedBody(Deadline.limit(SILENCE));
    bodies.put(context.contextProperties().getString(CLIENT), body);
    context.contextProperties().put(REQUEST, context);
    HttpRequest<?> request = context.request().getDelegate();
    request.followRedirects(false).timeout(SILENCE.toMillis());
    request.as(body);
    return Uni.createFrom().voidItem();
  }

  @Override
  public Uni<Void> filter(OidcResponseFilterContext context) {
    NoOwnToken trouble = ProviderAnswer.of(words(context)).trouble();
    return trouble == null ? Uni.createFrom().voidItem() : Uni.createFrom().failure(trouble);
  }

  private static AnswerText words(OidcResponseFilterContext context) {
    OidcRequestFilterContext asked =
        context.requestProperties().get(REQUEST, OidcRequestFilterContext.class);
    HttpRequest<?> request = asked.request().getDelegate();
    String scheme = Boolean.TRUE.equals(request.ssl()) ? "https://" : "http://";
    return new AnswerText(
        URI.create(scheme + request.host() + ":" + request.port() + request.uri()),
        context.statusCode(),
        context.responseHeaders().getDelegate(),
        bytes(context.responseBody()),
        bytes(asked.requestBody()),
        request.headers());
  }

  private static byte[] bytes(io.vertx.mutiny.core.buffer.@Nullable Buffer body) {
    return body == null ? new byte[0] : body.getBytes();
  }

  /** Whether the last response for that client was too large, or came too slowly. */
  boolean isExceeded(String client) {
    BoundedBody body = bodies.get(client);
    return body != null && body.isExceeded();
  }
}
