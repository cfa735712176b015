package dev.tokenbroker.issue.aws;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/**
 * Temporary credentials of a role. {@link #toString} keeps them out of logs.
 *
 * @param expiration when they end
 */
public record AwsCredentials(
    String accessKeyId, String secretAccessKey, String sessionToken, Instant expiration) {

  /** The type of these tokens: a JSON object in the words of AWS. */
  public static final String TYPE = "urn:tokenbroker:token-type:aws-credentials";

  private static final String ID = "AccessKeyId";
  private static final String KEY = "SecretAccessKey";
  private static final String TOKEN = "SessionToken";
  private static final String END = "Expiration";

  private static final Pattern ID_FORM = Pattern.compile("\\w{16,128}");
  private static final Pattern KEY_FORM = Pattern.compile("[!-~]{1,256}");
  private static final Pattern TOKEN_FORM = Pattern.compile("[!-~]{1,16384}");

  private static final String PATH =
      "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials/";

  /** The credentials in a response of the STS; empty if they are missing or malformed. */
  static Optional<AwsCredentials> in(StsXml answer) {
    return answer.namespace().equals(StsXml.NAMESPACE)
        ? of(
            answer.text(PATH + ID),
            answer.text(PATH + KEY),
            answer.text(PATH + TOKEN),
            answer.text(PATH + END))
        : Optional.empty();
  }

  /** The credentials in a token of a broker, as {@link #json} writes it; empty for any other. */
  public static Optional<AwsCredentials> read(String token) {
    return PeerJson.object(token.getBytes(StandardCharsets.UTF_8))
            instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)
        ? of(text(members, ID), text(members, KEY), text(members, TOKEN), text(members, END))
        : Optional.empty();
  }

  private static String text(Map<String, Object> members, String name) {
    return members.get(name) instanceof String text ? text : "";
  }

  private static Optional<AwsCredentials> of(String id, String key, String token, String end) {
    if (!ID_FORM.matcher(id).matches()
        || !KEY_FORM.matcher(key).matches()
        || !TOKEN_FORM.matcher(token).matches()) {
      return Optional.empty();
    }
    try {
      Instant expiration = OffsetDateTime.parse(end).toInstant();
      return Optional.of(new AwsCredentials(id, key, token, expiration));
    } catch (DateTimeException noTime) {
      return Optional.empty();
    }
  }

  /** The token of the broker: a JSON object. */
  String json() {
    return new String(JsonBytes.of(members(TOKEN)), StandardCharsets.UTF_8);
  }

  /**
   * Their members, in the words of AWS.
   *
   * @param tokenName the name of the session token: {@code SessionToken}, or {@code Token} for
   *     containers
   */
  public SequencedMap<String, Object> members(String tokenName) {
    SequencedMap<String, Object> members = new LinkedHashMap<>();
    members.put(ID, accessKeyId);
    members.put(KEY, secretAccessKey);
    members.put(tokenName, sessionToken);
    members.put(END, expiration.toString());
    return members;
  }

  @Override
  public String toString() {
    return "AwsCredentials[expiration=" + expiration + "]";
  }
}
