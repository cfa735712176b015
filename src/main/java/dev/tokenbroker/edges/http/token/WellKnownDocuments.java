package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.OwnIssuer;
import dev.tokenbroker.issue.signing.PublishedKeys;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.vertx.core.http.ClientAuth;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The documents in which verifiers find our keys. They are built again only when the keys or the
 * federation change. Thread-safe; never blocks.
 *
 * <p>Without a key the response is 503, not an empty key set. The first key signs as soon as it
 * exists, and a cached empty set would hide it. The algorithms are unknown before. A verifier that
 * gets 503 keeps the keys that it has from other replicas. An empty set would replace them, since
 * many verifiers ignore cache headers.
 */
@Singleton
final class WellKnownDocuments {

  static final String JSON = "application/json";

  /** The registered type of a JWK set (RFC 7517 section 8.5.2). */
  static final String JWK_SET = "application/jwk-set+json";

  private final SigningKeys keys;
  private final Supplier<Optional<Federation>> federation;
  private final String issuer;
  private final Duration maxAge;
  private final ProblemDetails noKey;
  private final boolean certificates;
  private volatile @Nullable Edition edition;

  /**
   * @throws IllegalArgumentException if our issuer is missing or unusable
   */
  @Inject
  WellKnownDocuments(
      SigningKeys keys, Federations federations, TokenSettings settings, TlsSettings tls) {
    this(keys, federations::current, settings, tls);
  }

  /**
   * @throws IllegalArgumentException if our issuer is missing or unusable
   */
  WellKnownDocuments(
      SigningKeys keys,
      Supplier<Optional<Federation>> federation,
      TokenSettings settings,
      TlsSettings tls) {
    this.keys = keys;
    this.federation = federation;
    this.issuer = OwnIssuer.of(settings);
    this.maxAge = settings.jwksMaxAge();
    this.noKey =
        new ProblemDetails(
            Response.Status.SERVICE_UNAVAILABLE,
            RefusalText.of(RefusalReason.SIGNING_KEY_UNAVAILABLE),
            Map.of(
                HttpHeaders.RETRY_AFTER,
                Long.toString(Math.max(1, settings.keyFilePollInterval().toSeconds()))),
            RefusalReason.SIGNING_KEY_UNAVAILABLE.name());
    this.certificates = tls.clientAuth() != ClientAuth.NONE;
  }

  /** All documents for one set of keys and the algorithms of one federation. */
  private record Edition(
      PublishedKeys keys,
      ClientMethods clients,
      CachedDocument json,
      CachedDocument jwkSet,
      CachedDocument discovery) {}

  /** The JWK set as plain JSON, which most verifiers expect. */
  Response json(@Nullable String ifNoneMatch) {
    return answer(Edition::json, ifNoneMatch);
  }

  /** The JWK set under its own media type. */
  Response jwkSet(@Nullable String ifNoneMatch) {
    return answer(Edition::jwkSet, ifNoneMatch);
  }

  /** The discovery document, which is also the metadata of the authorization server. */
  Response discovery(@Nullable String ifNoneMatch) {
    return answer(Edition::discovery, ifNoneMatch);
  }

  /** The path of our issuer, as in {@link IssuerPath#of}. */
  String issuerPath() {
    return IssuerPath.of(issuer);
  }

  private Response answer(
      Function<Edition, CachedDocument> document, @Nullable String ifNoneMatch) {
    PublishedKeys published = keys.fetched();
    return published.isEmpty()
        ? noKey.answer()
        : document.apply(edition(published)).answer(ifNoneMatch);
  }

  private Edition edition(PublishedKeys published) {
    Edition last = edition;
    ClientMethods clients = ClientMethods.of(federation.get());
    if (last != null && last.keys() == published && last.clients().equals(clients)) {
      return last;
    }
    byte[] jwks = published.jwks();
    Edition next =
        new Edition(
            published,
            clients,
            new CachedDocument(jwks, JSON, maxAge),
            new CachedDocument(jwks, JWK_SET, maxAge),
            new CachedDocument(
                JsonBytes.of(
                    metadata(issuer, List.copyOf(published.algorithms()), clients, certificates)),
                JSON,
                maxAge));
    edition = next;
    return next;
  }

  /**
   * How clients authenticate. With {@code private_key_jwt} at the token endpoint, the credential
   * itself may be the client's assertion.
   *
   * @param byRight the methods of registered clients, by their names in the registry of RFC 8414
   *     section 7.2
   * @param algorithms the signature algorithms of assertions
   */
  record ClientMethods(Map<ClientRight, List<String>> byRight, Set<SigningAlgorithm> algorithms) {

    /**
     * Those of a federation: the algorithms of all enabled issuers, and of clients with own keys.
     */
    static ClientMethods of(Optional<Federation> loaded) {
      Set<SigningAlgorithm> all = Set.of(SigningAlgorithm.values());
      if (loaded.isEmpty()) {
        return new ClientMethods(Map.of(), all);
      }
      Federation federation = loaded.get();
      Set<SigningAlgorithm> accepted =
          Stream.concat(
                  federation.issuers().all().stream(), federation.clients().issuers().stream())
              .filter(issuer -> !issuer.disabled())
              .flatMap(issuer -> issuer.algorithms().stream())
              .collect(Collectors.toUnmodifiableSet());
      return new ClientMethods(
          Stream.of(ClientRight.values())
              .collect(Collectors.toMap(right -> right, federation.clients()::methods)),
          accepted);
    }

    List<String> methods(ClientRight right) {
      return byRight.getOrDefault(right, List.of());
    }

    List<String> algorithmNames() {
      return algorithms.stream().sorted().map(SigningAlgorithm::jwaName).toList();
    }
  }

  /**
   * The metadata that OIDC Discovery section 3 and RFC 8414 section 2 require of an issuer without
   * a login page. Like the metadata of Kubernetes and GitHub, it has no authorization endpoint.
   * {@code id_token} stands for the tokens that these keys verify, since the list must not be
   * missing or empty. Callers can always send a proof of possession (RFC 9449 section 5.1). Tokens
   * can be bound to certificates if the TLS settings request them (RFC 8705 section 3.3). Each
   * omitted member has a default that is true.
   */
  static Map<String, Object> metadata(
      String issuer, List<String> algorithms, ClientMethods clients, boolean certificates) {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("issuer", issuer);
    metadata.put("token_endpoint", base + TokenRoute.PATH);
    metadata.put("jwks_uri", base + "/.well-known/jwks.json");
    metadata.put("grant_types_supported", GrantType.uris());
    putAuthMethods(
        metadata,
        "token",
        List.of("none", "private_key_jwt"),
        clients.methods(ClientRight.EXCHANGE),
        clients);
    metadata.put("introspection_endpoint", base + LifecycleRoutes.INTROSPECTION_PATH);
    List<String> tokens = Arrays.stream(TokenType.values()).map(TokenType::label).toList();
    putAuthMethods(
        metadata, "introspection", tokens, clients.methods(ClientRight.INTROSPECT), clients);
    metadata.put("revocation_endpoint", base + LifecycleRoutes.REVOCATION_PATH);
    putAuthMethods(metadata, "revocation", tokens, clients.methods(ClientRight.REVOKE), clients);
    metadata.put("response_types_supported", List.of("id_token"));
    metadata.put("subject_types_supported", List.of("public"));
    metadata.put("id_token_signing_alg_values_supported", algorithms);
    metadata.put(
        "claims_supported",
        List.of("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "cnf"));
    metadata.put("dpop_signing_alg_values_supported", ProofVerifier.algorithms());
    metadata.put("tls_client_certificate_bound_access_tokens", certificates);
    return metadata;
  }

  /**
   * Adds the authentication methods of an endpoint: those of every caller, and those of the clients
   * with the right. For revocation RFC 8414 names only the registry of client authentication
   * methods. But an omitted list would mean {@code client_secret_basic}.
   */
  private static void putAuthMethods(
      Map<String, Object> metadata,
      String endpoint,
      List<String> always,
      List<String> ofClients,
      ClientMethods clients) {
    List<String> methods = Stream.concat(always.stream(), ofClients.stream()).distinct().toList();
    metadata.put(endpoint + "_endpoint_auth_methods_supported", methods);
    if (methods.contains("private_key_jwt")) {
      metadata.put(
          endpoint + "_endpoint_auth_signing_alg_values_supported", clients.algorithmNames());
    }
  }

  /**
   * A public document with its strong entity tag, made once and served many times (RFC 9110 section
   * 8.8.3, RFC 9111 section 5.2.2).
   *
   * <p>The tag covers the media type and the bytes, so two representations of one resource never
   * share it. It depends on nothing else, so all replicas use the same tag for the same document.
   */
  static final class CachedDocument {

    private final byte[] body;
    private final String mediaType;
    private final String cacheControl;
    private final String entityTag;

    CachedDocument(byte[] body, String mediaType, Duration maxAge) {
      this.body = body;
      this.mediaType = mediaType;
      this.cacheControl = "public, max-age=" + maxAge.toSeconds();
      this.entityTag = "\"" + digest(mediaType, body) + "\"";
    }

    /** The document, or 304 if the client already has it. */
    Response answer(@Nullable String ifNoneMatch) {
      Response.ResponseBuilder answer =
          ifNoneMatch != null && matches(ifNoneMatch)
              ? Response.notModified()
              : Response.ok(body).header(HttpHeaders.CONTENT_TYPE, mediaType);
      return answer
          .header(HttpHeaders.ETAG, entityTag)
          .header(HttpHeaders.CACHE_CONTROL, cacheControl)
          .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
          .build();
    }

    String entityTag() {
      return entityTag;
    }

    private boolean matches(String ifNoneMatch) {
      // Weak comparison (RFC 9110 section 13.1.2): a proxy that compresses makes our tag weak.
      return Arrays.stream(ifNoneMatch.split(","))
          .map(String::strip)
          .map(tag -> tag.startsWith("W/") ? tag.substring(2) : tag)
          .anyMatch(tag -> tag.equals(entityTag) || tag.equals("*"));
    }

    private static String digest(String mediaType, byte[] body) {
      MessageDigest sha256 = Sha256.begin();
      sha256.update(mediaType.getBytes(StandardCharsets.US_ASCII));
      sha256.update((byte) 0);
      byte[] digest = sha256.digest(body);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16));
    }
  }
}
