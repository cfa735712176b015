package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A judged request in a recording.
 *
 * @param issuer the name of the issuer in the federation document
 * @param iss its identifier, by which another federation finds it
 * @param client the client that presented the credential; null for none
 * @param scopes the requested scopes, sorted
 * @param absent the names of chosen claims that the credential did not have
 */
public record RecordedRequest(
    String issuer,
    String iss,
    @Nullable String client,
    String target,
    List<String> scopes,
    boolean certificate,
    boolean proof,
    Map<String, Object> claims,
    Set<String> absent) {

  /**
   * The outcome of such requests. The revision is that of the latest one.
   *
   * @param reason the reason of the refusal; null if accepted
   */
  public record Ending(@Nullable String rule, @Nullable String reason, String revision) {}

  /** A line of a recording. */
  public record Line(
      RecordedRequest request, Ending ending, long count, Instant first, Instant last) {}

  /** A JSON object that is the same for equal requests with equal outcomes by any revision. */
  String json(Ending ending) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("issuer", issuer);
    members.put("iss", iss);
    if (client != null) {
      members.put("client", client);
    }
    members.put("target", target);
    members.put("scopes", scopes);
    members.put("certificate", certificate);
    members.put("dpop", proof);
    members.put("claims", new TreeMap<>(claims));
    members.put("absent", List.copyOf(new TreeSet<>(absent)));
    members.put("outcome", ending.reason() == null ? "accepted" : "refused");
    if (ending.reason() != null) {
      members.put("reason", ending.reason());
    }
    if (ending.rule() != null) {
      members.put("rule", ending.rule());
    }
    return new String(JsonBytes.of(members), StandardCharsets.UTF_8);
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if a member is missing or has another type
   */
  static Line parse(Map<String, Object> members) {
    boolean accepted = text(members, "outcome").equals("accepted");
    return new Line(
        new RecordedRequest(
            text(members, "issuer"),
            text(members, "iss"),
            members.get("client") instanceof String client ? client : null,
            text(members, "target"),
            texts(members, "scopes"),
            Boolean.TRUE.equals(members.get("certificate")),
            Boolean.TRUE.equals(members.get("dpop")),
            map(members, "claims"),
            Set.copyOf(texts(members, "absent"))),
        new Ending(
            (String) members.get("rule"),
            accepted ? null : text(members, "reason"),
            text(members, "revision")),
        members.get("count") instanceof Long count ? count : 1,
        Instant.parse(text(members, "first")),
        Instant.parse(text(members, "last")));
  }

  private static String text(Map<String, Object> members, String name) {
    if (members.get(name) instanceof String text) {
      return text;
    }
    throw missing(name);
  }

  private static List<String> texts(Map<String, Object> members, String name) {
    if (members.get(name) instanceof List<?> list) {
      return list.stream().map(String::valueOf).toList();
    }
    throw missing(name);
  }

  @SuppressWarnings("unchecked") // the keys of a JSON object are strings
  private static Map<String, Object> map(Map<String, Object> members, String name) {
    if (members.get(name) instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw missing(name);
  }

  private static IllegalArgumentException missing(String name) {
    return new IllegalArgumentException("it has no usable member '" + name + "'");
  }

  /** Returns why the credential's value of a claim is unknown; null if it is known. */
  @Nullable String whyUnknown(String claim) {
    return claim.equals("iss") || claims.containsKey(claim) || absent.contains(claim)
        ? null
        : "claim '" + claim + "' was not recorded";
  }
}
