package dev.tokenbroker.judge.target;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.StrictJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.WholeValue;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fills in what a target says about a session of AWS: its name, and the policy that narrows it. No
 * value can change the structure of the policy, nor widen a pattern in it. Serves one request.
 */
public final class AwsSession {

  /** The longest session policy that AWS takes, in characters. */
  public static final int MAX_POLICY_CHARS = 2048;

  /** What AWS takes as the name of a session. */
  public static final Pattern NAME = Pattern.compile("[\\w+=,.@-]{2,64}");

  private static final int MAX_NAME_CHARS = 64;
  private static final int HASH_CHARS = 16;
  private static final Pattern UNFIT = Pattern.compile("[^\\w+=,.@-]");

  /** The end of a name that {@link #name} has made: a subject may not pass for such a name. */
  private static final Pattern MADE = Pattern.compile(".*-[0-9a-f]{" + HASH_CHARS + "}");

  /** What IAM reads as a wildcard or as a variable. */
  private static final Pattern WIDENING = Pattern.compile("[*?$]");

  private final Facts facts;
  private final String subject;

  /** Why the session cannot be made; null as long as it can. */
  private @Nullable String fault;

  private AwsSession(Facts facts, String subject) {
    this.facts = facts;
    this.subject = subject;
  }

  /**
   * The session of one identity.
   *
   * @param subject the subject that the rule gives it
   * @return never {@code Missing}
   */
  static Evaluated<AwsRole> of(AwsRole target, Facts facts, String subject) {
    return new AwsSession(facts, subject).of(target);
  }

  private Evaluated<AwsRole> of(AwsRole target) {
    String name =
        WholeValue.of(target.sessionName())
            .map(value -> name(required("sessionName", value)))
            .orElse(target.sessionName());
    String policy = target.policy() == null ? null : json(filled(members(target.policy())));
    if (fault == null && policy != null && policy.length() > MAX_POLICY_CHARS) {
      fault =
          "makes a session policy of %d characters, more than %d"
              .formatted(policy.length(), MAX_POLICY_CHARS);
    }
    return fault == null
        ? new Evaluated.Value<>(target.with(name, policy))
        : new Evaluated.Failed<>("its target " + fault, "");
  }

  /** The claims that sessions of a target read, whatever the rule. */
  static ClaimUses uses(AwsRole target) {
    Stream<String> policy =
        target.policy() == null ? Stream.empty() : texts(members(target.policy()));
    Set<ClaimPath> paths =
        Stream.concat(Stream.of(target.sessionName()), policy)
            .flatMap(text -> WholeValue.of(text).stream())
            .filter(value -> !value.path().isEmpty())
            .map(value -> new ClaimPath(value.path()))
            .collect(Collectors.toSet());
    Set<String> claims =
        paths.stream().map(path -> path.names().getFirst()).collect(Collectors.toSet());
    return new ClaimUses(claims, paths, Set.of(), false, false);
  }

  private static Stream<String> texts(Object value) {
    return switch (value) {
      case Map<?, ?> members -> members.values().stream().flatMap(AwsSession::texts);
      case List<?> elements -> elements.stream().flatMap(AwsSession::texts);
      case String text -> Stream.of(text);
      default -> Stream.empty();
    };
  }

  /** The policy as AWS gets it. */
  public static String json(Object members) {
    @SuppressWarnings("unchecked") // a mapping of the document, or what it was read to
    Map<String, Object> object = (Map<String, Object>) members;
    return new String(JsonBytes.of(object), StandardCharsets.UTF_8);
  }

  /**
   * The name of a session for that text. Characters that AWS does not take become {@code -}. A name
   * that is not the text itself ends with a hash of the whole text, so that no two texts share one.
   */
  static String name(String text) {
    if (NAME.matcher(text).matches() && !MADE.matcher(text).matches()) {
      return text;
    }
    String hash = Sha256.hex(text.getBytes(StandardCharsets.UTF_8)).substring(0, HASH_CHARS);
    String fit = UNFIT.matcher(text).replaceAll("-");
    return fit.substring(0, Math.min(fit.length(), MAX_NAME_CHARS - HASH_CHARS - 1)) + "-" + hash;
  }

  private Object filled(Object value) {
    return switch (value) {
      case Map<?, ?> members -> {
        Map<Object, Object> all = new LinkedHashMap<>();
        members.forEach((name, member) -> all.put(name, filled(member)));
        yield all;
      }
      case List<?> elements -> elements.stream().map(this::filled).toList();
      case String text -> WholeValue.of(text).map(this::narrow).orElse(text);
      default -> value;
    };
  }

  private String narrow(WholeValue value) {
    String text = required("policy", value);
    if (WIDENING.matcher(text).find()) {
      fault =
          "reads %s in 'policy', which has a *, ? or $: AWS would read a pattern"
              .formatted(value.text());
    }
    return text;
  }

  /** The value; empty where there is none, which is a fault. */
  private String required(String key, WholeValue value) {
    String text = value.in(facts, subject);
    if (text == null) {
      fault = "reads %s in '%s', which is missing or no text".formatted(value.text(), key);
    }
    return text == null ? "" : text;
  }

  private static Map<String, Object> members(String policy) {
    return switch (StrictJson.object(
        policy.getBytes(StandardCharsets.UTF_8), "a session policy", StrictJson.Nulls.REFUSED)) {
      case Outcome.Accepted<Map<String, Object>>(Map<String, Object> members) -> members;
      case Outcome.Refused<Map<String, Object>> refused ->
          throw new IllegalArgumentException("the document was not checked: " + refused);
    };
  }
}
