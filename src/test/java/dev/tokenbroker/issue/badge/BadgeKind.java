package dev.tokenbroker.issue.badge;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamFailures;
import dev.tokenbroker.issue.sts.UpstreamKind;
import dev.tokenbroker.issue.sts.UpstreamKind.ClientSecretFile;
import dev.tokenbroker.issue.sts.UpstreamKind.TrialRequest;
import dev.tokenbroker.issue.sts.UpstreamKind.UpstreamMeans;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.issue.sts.UpstreamToken;
import dev.tokenbroker.issue.sts.Wanted;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.judge.target.Badge;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.peers.http.PeerRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The protocol of an invented kind of target: a JSON request, signed by an HMAC of its body.
 *
 * @param keyFile the key of the HMAC
 */
public record BadgeKind(Path keyFile) implements UpstreamKind {

  public static final int MAX_KEY_BYTES = 256;

  /** What is wrong with the content of the file with the key; empty if nothing is. */
  public static Optional<String> fault(byte[] content) {
    return content.length < 32 ? Optional.of("holds less than 32 bytes") : Optional.empty();
  }

  @Override
  public UpstreamProtocol protocol(UpstreamDefinition definition, UpstreamMeans means) {
    return new Protocol(definition, means);
  }

  @Override
  public List<ClientSecretFile> secrets() {
    return List.of(new ClientSecretFile(keyFile, MAX_KEY_BYTES, BadgeKind::fault));
  }

  @Override
  public List<TrialRequest> trials(URI endpoint, Instant now) {
    return List.of(new TrialRequest.Unfulfillable("{}", BadgeKind::error));
  }

  @Override
  public Object account(UpstreamDefinition definition, Supply.Upstreamed terms) {
    return definition.name();
  }

  @Override
  public boolean mayUseUp(Presentation presentation) {
    return false;
  }

  private static String error(CallEnd.Response response) {
    return text(response, "problem");
  }

  private static String text(CallEnd.Response response, String name) {
    return PeerJson.object(response.body())
                instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)
            && members.get(name) instanceof String text
        ? text
        : "";
  }

  private final class Protocol implements UpstreamProtocol {

    private final UpstreamDefinition definition;
    private final UpstreamMeans means;

    Protocol(UpstreamDefinition definition, UpstreamMeans means) {
      this.definition = definition;
      this.means = means;
    }

    @Override
    public Optional<Refusal> obstacle(Wanted wanted) {
      return Optional.empty();
    }

    @Override
    public Attempted<Outcome<IssuedToken>> ask(
        URI endpoint, Wanted wanted, Deadline limit, Deadline deadline) {
      Instant sent = means.clock().instant();
      byte[] body = JsonBytes.of(Map.of("zones", wanted.terms(Badge.class).zones()));
      PeerRequest request =
          PeerRequest.json(endpoint, definition.tls(), body, Map.of("X-Signature", signature(body)))
              .withPeer(Peer.upstream(definition.name()));
      return UpstreamFailures.end(
          means.client().send(request, limit),
          "The door",
          endpoint,
          false,
          deadline,
          response ->
              UpstreamFailures.judged(
                  token(response, wanted, sent), true, response.times().retryAfter()),
          _ -> List.of());
    }

    @Override
    public void reread() {
      // The key is read for each request.
    }

    private String signature(byte[] body) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(BoundedFile.read(keyFile, MAX_KEY_BYTES), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body));
      } catch (IOException | GeneralSecurityException broken) {
        throw new IllegalStateException(broken);
      }
    }

    private Outcome<IssuedToken> token(CallEnd.Response response, Wanted wanted, Instant sent) {
      String badge = text(response, "badge");
      if (response.status() != 200 || badge.isEmpty()) {
        return Outcome.refused(
            Refusal.of(
                    response.status() == 429
                        ? RefusalReason.UPSTREAM_THROTTLED
                        : RefusalReason.UPSTREAM_NOT_PERMITTED)
                .seen("status " + response.status()));
      }
      return new UpstreamToken(
              badge,
              sent,
              sent.plus(Badge.LIFE),
              wanted.grant().scopes(),
              IssuedToken.ACCESS_TOKEN,
              TokenType.BEARER)
          .within(wanted, means.clock().instant());
    }
  }
}
