package dev.tokenbroker.http;

import dev.tokenbroker.exchange.AccessSettings;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.possession.TokenType;
import dev.tokenbroker.token.JsonBytes;
import dev.tokenbroker.token.OwnIssuer;
import dev.tokenbroker.token.PublishedKeys;
import dev.tokenbroker.token.SigningKeys;
import dev.tokenbroker.token.TokenSettings;
import dev.tokenbroker.upstream.TlsSettings;
import io.vertx.core.http.ClientAuth;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The documents by which verifiers find our keys, made anew only when the keys change. Safe for use
 * by several threads; never waits.
 *
 * <p>While there is no key none of them is given, but 503: the first key signs as soon as it is
 * there, which an empty set in a cache would hide, and the algorithms are not known before. Who is
 * told to come back keeps the keys that it has, of replicas that have some; an empty set would
 * replace them, whatever is said about caching, which many verifiers do not read.
 */
@Singleton
final class WellKnownDocuments {

  static final String JSON = "application/json";

  /** The registered type of a JWK set (RFC 7517 section 8.5.2). */
  static final String JWK_SET = "application/jwk-set+json";

  private final SigningKeys keys;
  private final String issuer;
  private final Duration maxAge;
  private final Problem noKey;
  private final boolean certificates;
  private final AccessSettings access;
  private volatile @Nullable Edition edition;

  /**
   * @throws IllegalArgumentException where our issuer is not set or unusable
   */
  @Inject
  WellKnownDocuments(
      SigningKeys keys, TokenSettings settings, AccessSettings access, TlsSettings tls) {
    this.keys = keys;
    this.issuer = OwnIssuer.of(settings);
    this.maxAge = settings.jwksMaxAge();
    this.noKey =
        new Problem(
            Response.Status.SERVICE_UNAVAILABLE,
            "There is no key to sign tokens with yet. Come back later.",
            Map.of(
                HttpHeaders.RETRY_AFTER,
                Long.toString(Math.max(1, settings.keyFilePollInterval().toSeconds()))));
    this.certificates = tls.clientAuth() != ClientAuth.NONE;
    this.access = access;
  }

  /** All documents for one set of keys. */
  private record Edition(
      PublishedKeys keys, CachedDocument json, CachedDocument jwkSet, CachedDocument discovery) {}

  /** The JWK set as plain JSON, which is what most verifiers expect. */
  Response json(@Nullable String ifNoneMatch) {
    return answer(Edition::json, ifNoneMatch);
  }

  /** The JWK set under its own media type. */
  Response jwkSet(@Nullable String ifNoneMatch) {
    return answer(Edition::jwkSet, ifNoneMatch);
  }

  /** The discovery document, which is the metadata of the authorization server as well. */
  Response discovery(@Nullable String ifNoneMatch) {
    return answer(Edition::discovery, ifNoneMatch);
  }

  /** The path of our issuer, as in {@link IssuerPath#of}. */
  String issuerPath() {
    return IssuerPath.of(issuer);
  }

  private Response answer(
      Function<Edition, CachedDocument> document, @Nullable String ifNoneMatch) {
    PublishedKeys published = keys.published();
    return published.isEmpty()
        ? noKey.answer()
        : document.apply(edition(published)).answer(ifNoneMatch);
  }

  private Edition edition(PublishedKeys published) {
    Edition last = edition;
    if (last != null && last.keys() == published) {
      return last;
    }
    byte[] jwks = published.jwks();
    Edition next =
        new Edition(
            published,
            new CachedDocument(jwks, JSON, maxAge),
            new CachedDocument(jwks, JWK_SET, maxAge),
            new CachedDocument(
                JsonBytes.of(
                    metadata(issuer, List.copyOf(published.algorithms()), access, certificates)),
                JSON,
                maxAge));
    edition = next;
    return next;
  }

  /**
   * What OIDC Discovery section 3 and RFC 8414 section 2 demand of an issuer that has no page to
   * log in at: like those of Kubernetes and GitHub it has no authorization endpoint. {@code
   * id_token} stands for the kind of token that can be verified by these keys, since the list must
   * not be missing and must not be empty. Proofs of possession can be sent always (RFC 9449 section
   * 5.1); tokens can be bound to certificates where callers are asked for them (RFC 8705 section
   * 3.3). What is left out has no default that would be untrue.
   */
  static Map<String, Object> metadata(
      String issuer, List<String> algorithms, AccessSettings access, boolean certificates) {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("issuer", issuer);
    metadata.put("token_endpoint", base + TokenRoute.PATH);
    metadata.put("jwks_uri", base + "/.well-known/jwks.json");
    metadata.put("grant_types_supported", GrantType.uris());
    metadata.put("token_endpoint_auth_methods_supported", List.of("none"));
    metadata.put("introspection_endpoint", base + LifecycleRoutes.INTROSPECTION_PATH);
    metadata.put(
        "introspection_endpoint_auth_methods_supported",
        authMethods(access.introspectionCertificates()));
    metadata.put("revocation_endpoint", base + LifecycleRoutes.REVOCATION_PATH);
    metadata.put(
        "revocation_endpoint_auth_methods_supported", authMethods(access.revocationCertificates()));
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
   * A token, by both of the names that the registry of access token types has for how it can be
   * presented, and a client certificate (RFC 8705 section 2.1) where there is one that is let in.
   * For revocation RFC 8414 names the other registry only; but left out, the list would say {@code
   * client_secret_basic}.
   */
  private static List<String> authMethods(Optional<List<String>> certificates) {
    Stream<String> tokens = Arrays.stream(TokenType.values()).map(TokenType::label);
    return Stream.concat(tokens, certificates.stream().map(_ -> "tls_client_auth")).toList();
  }
}
