package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.FailureKinds;
import dev.tokenbroker.peers.trust.AuthorityFile;
import dev.tokenbroker.peers.trust.AuthorityFile.UnusableAuthorities;
import dev.tokenbroker.peers.trust.AuthorityFile.UsableAuthorities;
import dev.tokenbroker.peers.trust.SystemTrust;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request, over a connection of its own. It follows no redirect, uses no proxy, and reads
 * at most {@value PeerJson#MAX_BYTES} bytes. TLS checks the name of the host.
 */
final class HttpCall {

  private final String peer;
  private final @Nullable Path authorities;

  /**
   * @param peer its name in messages, such as "the broker"
   * @param authorities the file of those to trust, PEM, read at each call; null for the system's
   */
  HttpCall(String peer, @Nullable Path authorities) {
    this.peer = peer;
    this.authorities = authorities;
  }

  /**
   * A response.
   *
   * @param members of the JSON object in the body, not to be trusted; empty if there is none
   * @param retryAfter the seconds of that header; null if it has none
   */
  record Answer(int status, Map<String, Object> members, @Nullable Duration retryAfter) {

    /** A member that is a text; empty if there is none. */
    String text(String member) {
      return members.get(member) instanceof String text ? text : "";
    }

    /** Does not show the members: a token may be among them. */
    @Override
    public String toString() {
      return "Answer[status=" + status + "]";
    }
  }

  /**
   * Sends the request and waits for the response.
   *
   * @throws NoToken without a response: {@code NO_BROKER} if no connection can be trusted, {@code
   *     MISUSE} if the file of the authorities cannot be used, otherwise {@code AWAY}
   */
  Answer send(HttpRequest.Builder request, Deadline deadline) throws NoToken {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY);
    HttpRequest ready = request.header("Accept", "application/json").build();
    // Without one, the client would load the JDK's, also for plain http, which takes long.
    HttpClient http = client.sslContext(trust(isTls(ready.uri()))).build();
    try {
      CompletableFuture<HttpResponse<byte[]>> response =
          http.sendAsync(
              ready, BodyHandlers.limiting(BodyHandlers.ofByteArray(), PeerJson.MAX_BYTES));
      return answer(response.get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException late) {
      throw new NoToken(NoToken.Kind.AWAY, peer + " cannot be reached: no answer in time");
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new NoToken(NoToken.Kind.AWAY, peer + " cannot be reached: interrupted");
    } catch (ExecutionException failed) {
      throw unreachable(failed);
    } finally {
      http.shutdownNow();
    }
  }

  private static boolean isTls(URI address) {
    return "https".equalsIgnoreCase(address.getScheme());
  }

  private static Answer answer(HttpResponse<byte[]> response) {
    Map<String, Object> members =
        PeerJson.object(response.body())
                instanceof Accepted<Map<String, Object>>(Map<String, Object> read)
            ? read
            : Map.of();
    Duration retryAfter =
        response
            .headers()
            .firstValue("Retry-After")
            .filter(seconds -> seconds.matches("\\d{1,9}"))
            .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
            .orElse(null);
    return new Answer(response.statusCode(), members, retryAfter);
  }

  private NoToken unreachable(ExecutionException failed) {
    if (FailureKinds.cause(failed, UnresolvedAddressException.class) != null) {
      return new NoToken(
          NoToken.Kind.AWAY, peer + " cannot be reached: the host name does not resolve");
    }
    CallFailed why = FailureKinds.of(failed);
    return switch (why.kind()) {
      case TLS_UNTRUSTED, TLS_CERTIFICATE_INVALID, TLS_NOT_CONFIGURED, MALFORMED ->
          new NoToken(NoToken.Kind.NO_BROKER, peer + " cannot be trusted: " + why.detail());
      default -> new NoToken(NoToken.Kind.AWAY, peer + " cannot be reached: " + why.detail());
    };
  }

  private SSLContext trust(boolean tls) throws NoToken {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, tls ? managers() : new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException unusable) {
      throw new IllegalStateException("This Java runtime has no TLS", unusable);
    }
  }

  /** What decides whom to trust; null for the JDK's choice. */
  private TrustManager @Nullable [] managers() throws NoToken {
    Path file = authorities == null ? SystemTrust.now().bundle().orElse(null) : authorities;
    if (file == null) {
      return null;
    }
    return switch (AuthorityFile.read(file)) {
      case UsableAuthorities usable -> new TrustManager[] {usable.manager()};
      case UnusableAuthorities(String problem) -> throw new NoToken(NoToken.Kind.MISUSE, problem);
    };
  }
}
