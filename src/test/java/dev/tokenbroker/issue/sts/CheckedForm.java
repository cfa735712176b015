package dev.tokenbroker.issue.sts;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The token endpoint of a service that checks every parameter: each must be there once, with its
 * value, and no other. The one with the JWT must be signed by a key that the broker publishes, and
 * is taken once.
 */
final class CheckedForm {

  /** Stands for the JWT among the parameters. */
  static final String JWT = "(the JWT)";

  private final String contentType;
  private final Map<String, String> parameters;
  private final String audience;
  private final String answer;
  private final Set<String> used = ConcurrentHashMap.newKeySet();
  private final List<String> faults = new ArrayList<>();
  private volatile Map<String, Object> claims = Map.of();
  private volatile String keys = "";

  /**
   * @param contentType of the request
   * @param parameters the wanted values by name; one is {@link #JWT}
   * @param audience the {@code aud} of the JWT
   * @param answer the token response
   */
  CheckedForm(String contentType, Map<String, String> parameters, String audience, String answer) {
    this.contentType = contentType;
    this.parameters = new LinkedHashMap<>(parameters);
    this.audience = audience;
    this.answer = answer;
  }

  /** Where it gets the keys of the broker. */
  void trust(URI jwks) {
    keys = jwks.toString();
  }

  /** What was wrong with the requests so far; empty if nothing was. */
  List<String> faults() {
    synchronized (faults) {
      return List.copyOf(faults);
    }
  }

  /** The claims of the last good JWT. */
  Map<String, Object> claims() {
    return claims;
  }

  /** Judges a request as the service would, and names what it would not. */
  Reply reply(FakeUpstream.Asked asked) {
    List<String> wrong = new ArrayList<>();
    if (!contentType.equals(asked.headers().get("content-type"))) {
      wrong.add("content type " + asked.headers().get("content-type"));
    }
    if (asked.headers().containsKey("authorization")) {
      wrong.add("an Authorization header");
    }
    Map<String, List<String>> sent =
        contentType.equals("application/json")
            ? members(asked.form(), wrong)
            : asked.request().form();
    parameters.forEach((name, wanted) -> check(name, wanted, sent.remove(name), wrong));
    sent.keySet().forEach(name -> wrong.add("unknown " + name));
    if (wrong.isEmpty()) {
      return FakeUpstream.json(200, answer);
    }
    synchronized (faults) {
      faults.addAll(wrong);
    }
    return FakeUpstream.json(
        400, "{\"error\":\"invalid_request\",\"error_description\":\"" + wrong.getFirst() + "\"}");
  }

  private void check(
      String name, String wanted, @Nullable List<String> values, List<String> wrong) {
    if (values == null) {
      wrong.add("missing " + name);
    } else if (values.size() > 1) {
      wrong.add(name + " is there " + values.size() + " times");
    } else if (wanted.equals(JWT)) {
      checkJwt(values.getFirst(), wrong);
    } else if (!values.getFirst().equals(wanted)) {
      wrong.add(name + " is " + values.getFirst());
    }
  }

  private void checkJwt(String text, List<String> wrong) {
    try {
      SignedJWT jwt = SignedJWT.parse(text);
      JWK key = JWKSet.load(URI.create(keys).toURL()).getKeyByKeyId(jwt.getHeader().getKeyID());
      if (key == null || !jwt.verify(new ECDSAVerifier(key.toECKey()))) {
        wrong.add("a JWT that no published key verifies");
        return;
      }
      if (!JOSEObjectType.JWT.equals(jwt.getHeader().getType())) {
        wrong.add("a JWT with typ " + jwt.getHeader().getType());
      }
      checkClaims(jwt.getJWTClaimsSet(), wrong);
    } catch (ParseException | IOException | JOSEException broken) {
      wrong.add("a JWT that cannot be checked: " + broken.getClass().getSimpleName());
    }
  }

  private void checkClaims(JWTClaimsSet set, List<String> wrong) {
    if (!audience.equals(set.getClaim("aud") instanceof List<?> list ? list.getFirst() : "")) {
      wrong.add("a JWT with aud " + set.getClaim("aud"));
    }
    Instant now = Instant.now();
    Instant end = set.getExpirationTime().toInstant();
    if (!end.isAfter(now) || end.isAfter(now.plus(Duration.ofMinutes(5)))) {
      wrong.add("a JWT that ends at " + end);
    }
    if (!used.add(set.getJWTID())) {
      wrong.add("a JWT that was used before");
    }
    for (String name : List.of("scope", "client_id")) {
      if (set.getClaims().containsKey(name)) {
        wrong.add("a JWT with " + name);
      }
    }
    claims = set.getClaims();
  }

  /** A parser that takes no member twice. */
  private static Map<String, List<String>> members(String body, List<String> wrong) {
    Map<String, List<String>> sent = new HashMap<>();
    if (PeerJson.object(body.getBytes(StandardCharsets.UTF_8))
        instanceof Outcome.Accepted<Map<String, Object>>(var members)) {
      members.forEach((name, value) -> sent.put(name, List.of((String) value)));
    } else {
      wrong.add("no JSON object");
    }
    return sent;
  }
}
