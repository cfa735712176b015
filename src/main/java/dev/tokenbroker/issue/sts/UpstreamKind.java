package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.PeerClient;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How an upstream is asked for tokens: one implementation for each kind of target whose tokens an
 * upstream issues. A value: equal ones ask alike, and definitions with them share an upstream.
 */
public interface UpstreamKind {

  /**
   * The protocol of one upstream; reads the files with its secrets, and calls nothing.
   *
   * @param definition of this kind
   */
  UpstreamProtocol protocol(UpstreamDefinition definition, UpstreamMeans means);

  /** The files with secrets of the broker for it. */
  List<ClientSecretFile> secrets();

  /**
   * Requests by which {@code doctor} sees that the upstream answers. None of them can issue a token
   * or use anything up.
   *
   * @param endpoint the address of the upstream
   */
  List<TrialRequest> trials(URI endpoint, Instant now);

  /** Whether the upstream may accept only once what it gets to see of an identity. */
  boolean mayUseUp(Presentation presentation);

  /**
   * Whom the upstream's limits hold for: requests of equal accounts pause together.
   *
   * @param terms those of the target, of this kind
   */
  Object account(UpstreamDefinition definition, Supply.Upstreamed terms);

  /** How the broker names itself as actor; null if it does not. */
  default @Nullable Actor actor() {
    return null;
  }

  /** Whether the broker shows a certificate to the token endpoint (RFC 8705 section 5). */
  default boolean showsCertificate() {
    return false;
  }

  /**
   * A file with a secret or a key by which the broker authenticates to an upstream.
   *
   * @param fault says what is wrong with the content, as the end of a sentence; empty if nothing is
   */
  record ClientSecretFile(Path path, int maxBytes, Function<byte[], Optional<String>> fault) {}

  /**
   * A request by which {@code doctor} sees that an upstream answers. It can neither issue a token
   * nor use anything up.
   */
  sealed interface TrialRequest {

    /**
     * A POST to the endpoint itself that no server can fulfil. The right one answers with an error
     * of its protocol and status 400 or 401.
     *
     * @param error the code of such an error in a response; empty for any other response
     */
    record Unfulfillable(String form, Function<CallEnd.Response, String> error)
        implements TrialRequest {}

    /**
     * A GET that an upstream answers with 200 if it knows the client, and with 401 otherwise.
     *
     * @param client whom the broker introduces itself as: "App 12"
     * @param jwt the bearer token; null if the client has no usable key
     * @param unknown the remedy if the upstream does not know the client
     * @param elsewhere the remedy if something else answers
     */
    record Introduction(
        String client, URI uri, @Nullable String jwt, String unknown, String elsewhere)
        implements TrialRequest {}
  }

  /**
   * What the protocol of an upstream works with.
   *
   * @param maxTokenLifetime the longest accepted life of a token
   * @param doubt reports that the address of the upstream may be the wrong one
   */
  record UpstreamMeans(
      PeerClient client,
      Duration maxTokenLifetime,
      Clocks clock,
      ChangeListener changes,
      Runnable doubt) {}
}
