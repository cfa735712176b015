package dev.tokenbroker.command.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Outcome.Accepted;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Temporary credentials of AWS, which a target of that kind gives in place of a token: a JSON text
 * with four strings.
 *
 * @param members {@code AccessKeyId}, {@code SecretAccessKey}, {@code SessionToken} and {@code
 *     Expiration}, which is in UTC
 */
record AwsCredentials(Map<String, String> members) {

  /** The {@code issued_token_type} of such a token. */
  static final String TYPE = "urn:tokenbroker:token-type:aws-credentials";

  private static final String EXPIRATION = "Expiration";

  /**
   * The credentials in a token; empty if it is of another type.
   *
   * @throws NoToken {@code NO_BROKER} if it lacks one of the strings, or the time is none
   */
  static Optional<AwsCredentials> of(KeptToken token) throws NoToken {
    if (!token.issuedType().equals(TYPE)) {
      return Optional.empty();
    }
    if (PeerJson.object(token.value().getBytes(UTF_8))
        instanceof Accepted<Map<String, Object>>(Map<String, Object> read)) {
      Map<String, String> members = new LinkedHashMap<>();
      for (String name : new String[] {"AccessKeyId", "SecretAccessKey", "SessionToken"}) {
        members.put(name, read.get(name) instanceof String text ? text : "");
      }
      members.put(EXPIRATION, time(read.get(EXPIRATION) instanceof String text ? text : ""));
      if (!members.containsValue("")) {
        return Optional.of(new AwsCredentials(members));
      }
    }
    throw new NoToken(
        NoToken.Kind.NO_BROKER, "what the broker sent as AWS credentials are none of that form");
  }

  private static String time(String text) {
    try {
      return Instant.parse(text).toString();
    } catch (DateTimeException none) {
      return "";
    }
  }

  /** The output of a {@code credential_process} of the AWS CLI and SDKs. */
  Map<String, Object> process() {
    Map<String, Object> output = new LinkedHashMap<>(Map.of("Version", 1));
    output.putAll(members);
    return output;
  }

  /** The credentials as the environment variables that the AWS CLI and SDKs read. */
  Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("AWS_ACCESS_KEY_ID", members.getOrDefault("AccessKeyId", ""));
    variables.put("AWS_SECRET_ACCESS_KEY", members.getOrDefault("SecretAccessKey", ""));
    variables.put("AWS_SESSION_TOKEN", members.getOrDefault("SessionToken", ""));
    return variables;
  }

  @Override
  public String toString() {
    return "AwsCredentials[expiration=" + members.get(EXPIRATION) + "]";
  }
}
