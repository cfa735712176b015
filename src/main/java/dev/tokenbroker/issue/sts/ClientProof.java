package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.issue.signing.SigningKey;
import dev.tokenbroker.issue.signing.TokenIds;
import dev.tokenbroker.judge.credential.PresentedCredential;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Proves to an upstream who the broker is. Safe for use by several threads. */
sealed interface ClientProof {

  /** The file with the secret for it; null if it needs none. */
  default @Nullable SecretFile<?> file() {
    return null;
  }

  /** Whether the secret for it has been read; once true, it stays true. */
  default boolean isReady() {
    SecretFile<?> file = file();
    return file == null || file.value().isPresent();
  }

  /**
   * Adds the proof to the form of one attempt.
   *
   * @param credential what speaks for the identity: the caller's credential, or a JWT of the broker
   * @throws java.util.NoSuchElementException if it is not ready
   */
  void addTo(TokenForm form, URI endpoint, PresentedCredential credential);

  /** Reads the file with the secret again, if there is one, and takes what has changed. */
  default void reread() {
    SecretFile<?> file = file();
    if (file != null) {
      file.reread();
    }
  }

  /** The proof that the definition asks for; reads the secret. */
  static ClientProof of(
      ClientAuthentication authentication,
      UpstreamDefinition upstream,
      InstantSource clock,
      ChangeListener changes) {
    return switch (authentication) {
      case ClientAuthentication.NoAuthentication(String clientId) -> new NamedProof(clientId);
      case ClientAuthentication.MutualTls(String clientId) -> new NamedProof(clientId);
      case ClientAuthentication.Federated(String clientId) -> new FederatedProof(clientId);
      case ClientAuthentication.Basic(String clientId, var file) ->
          new BasicProof(clientId, secret(upstream, file, changes));
      case ClientAuthentication.Post(String clientId, var file) ->
          new PostProof(clientId, secret(upstream, file, changes));
      case ClientAuthentication.PrivateKeyJwt(String clientId, var file, String keyId) ->
          new Signing(
              new SecretFile<>(
                  "The client key", upstream.name(), file, ClientKeyFile::read, changes),
              new ClientAssertions(clientId, keyId, upstream.issuer(), clock));
    };
  }

  private static SecretFile<String> secret(
      UpstreamDefinition upstream, Path file, ChangeListener changes) {
    return new SecretFile<>("The client secret", upstream.name(), file, SecretText::read, changes);
  }

  /**
   * Sends the identifier alone, if there is one; the TLS connection shows the certificate, if there
   * is one.
   */
  record NamedProof(@Nullable String clientId) implements ClientProof {

    @Override
    public void addTo(TokenForm form, URI endpoint, PresentedCredential credential) {
      if (clientId != null) {
        form.add("client_id", clientId);
      }
    }
  }

  /** Sends what speaks for the identity as the client assertion (RFC 7523 section 2.2). */
  record FederatedProof(@Nullable String clientId) implements ClientProof {

    @Override
    public void addTo(TokenForm form, URI endpoint, PresentedCredential credential) {
      if (clientId != null) {
        form.add("client_id", clientId);
      }
      ClientAssertions.add(form, credential.value());
    }
  }

  /**
   * RFC 6749 section 2.3.1: both parts are form-encoded before they are joined, since a server
   * would misread a colon or a percent sign in either.
   */
  record BasicProof(String clientId, SecretFile<String> file) implements ClientProof {

    @Override
    public void addTo(TokenForm form, URI endpoint, PresentedCredential credential) {
      String text = file.value().orElseThrow();
      String pair = TokenForm.encode(clientId) + ":" + TokenForm.encode(text);
      byte[] ascii = pair.getBytes(StandardCharsets.US_ASCII);
      form.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(ascii));
    }
  }

  /** RFC 6749 section 2.3.1, in the body. */
  record PostProof(String clientId, SecretFile<String> file) implements ClientProof {

    @Override
    public void addTo(TokenForm form, URI endpoint, PresentedCredential credential) {
      form.add("client_id", clientId).add("client_secret", file.value().orElseThrow());
    }
  }

  /** Sends assertions that a key of the broker signs, a new one for each attempt. */
  record Signing(SecretFile<SigningKey> file, ClientAssertions assertions) implements ClientProof {

    @Override
    public void addTo(TokenForm form, URI endpoint, PresentedCredential credential) {
      assertions.addTo(form, file.value().orElseThrow(), endpoint);
    }
  }

  /**
   * Makes assertions by which a client authenticates (RFC 7523 sections 2.2 and 3, OpenID Connect
   * Core section 9). Each is good for a minute and for one use.
   *
   * <p>The audience is one string. If operators declare the upstream by its issuer, the audience is
   * that issuer, as draft-ietf-oauth-rfc7523bis demands. A document then names the token endpoint,
   * and its author could use an assertion for that address elsewhere. If operators declare the
   * token endpoint itself, that is the audience, as RFC 7523 says and older servers expect.
   */
  static final class ClientAssertions {

    static final Duration LIFETIME = Duration.ofSeconds(60);

    private static final String JWT_BEARER =
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private final String clientId;
    private final @Nullable String keyId;
    private final @Nullable String issuer;
    private final InstantSource clock;
    private final TokenIds ids = new TokenIds();

    /**
     * @param keyId the {@code kid}; null for the key's thumbprint
     * @param issuer the upstream's issuer; null if its token endpoint is declared
     */
    ClientAssertions(
        String clientId, @Nullable String keyId, @Nullable String issuer, InstantSource clock) {
      this.clientId = clientId;
      this.keyId = keyId;
      this.issuer = issuer;
      this.clock = clock;
    }

    /** Adds a new assertion and {@code client_id}, which some servers look for beside it. */
    void addTo(TokenForm form, SigningKey key, URI endpoint) {
      form.add("client_id", clientId);
      add(form, sign(key, issuer == null ? endpoint.toString() : issuer));
    }

    /** Adds an existing assertion. */
    static void add(TokenForm form, String assertion) {
      form.add("client_assertion_type", JWT_BEARER).add("client_assertion", assertion);
    }

    private String sign(SigningKey key, String audience) {
      long now = clock.instant().getEpochSecond();
      Map<String, Object> claims = new LinkedHashMap<>();
      claims.put("iss", clientId);
      claims.put("sub", clientId);
      claims.put("aud", audience);
      claims.put("jti", ids.next());
      claims.put("iat", now);
      claims.put("exp", now + LIFETIME.toSeconds());
      return key.signJwt(keyId == null ? key.kid() : keyId, claims);
    }
  }
}
