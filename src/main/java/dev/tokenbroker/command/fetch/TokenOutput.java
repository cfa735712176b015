package dev.tokenbroker.command.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.issue.aws.AwsCredentials;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The forms in which a token is handed out. */
public enum TokenOutput {
  /** The token alone. */
  RAW,
  /** An object with the token, its type, scope and end. */
  JSON,
  /** {@code NAME=TOKEN}, for a shell and for files of variables. */
  ENV,
  /** The header {@code Authorization}. */
  HEADER,
  /** {@code ExecCredential} of kubectl, in the version that its variable demands. */
  EXEC_CREDENTIAL,
  /** The answer of a credential helper of git. */
  GIT,
  /** The answer of a credential helper of Docker. */
  DOCKER,
  /** The answer of a credential provider of the kubelet. */
  KUBELET,
  /** The output of an executable source of Google's libraries. */
  GOOGLE_EXECUTABLE,
  /** The output of a {@code credential_process} of the AWS CLI and SDKs. */
  AWS_PROCESS;

  /** Characters that no shell treats specially. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._~+/=-]+");

  /** The form of that name, such as {@code exec-credential}; empty if there is none. */
  public static Optional<TokenOutput> of(String name) {
    return Arrays.stream(values()).filter(form -> form.label().equals(name)).findFirst();
  }

  /** The name of the form. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a program writes a request to standard input, whose answer this form is. */
  public boolean answersRequest() {
    return this == GIT || this == DOCKER || this == KUBELET;
  }

  /**
   * The text, without the end of its last line.
   *
   * @param variable the name of the variable of {@code env}; AWS credentials have names of their
   *     own
   * @param user the user name of {@code git}, {@code docker} and {@code kubelet}; empty for the
   *     usual one
   * @param request of the program; {@link HelperRequest#NONE} for most forms
   * @throws NoToken {@code MISUSE} if the token does not fit the form
   */
  public String text(
      KeptToken token, String variable, String user, HelperRequest request, Instant now)
      throws NoToken {
    AwsCredentials aws = aws(token);
    if (aws != null && !takesAws()) {
      throw new NoToken(
          NoToken.Kind.MISUSE,
          "the target gives AWS credentials, which %s cannot carry: use aws-process, env, json or raw"
              .formatted(label()));
    }
    return switch (this) {
      case RAW -> token.value();
      case JSON ->
          json(
              Map.of(
                  "access_token", token.value(),
                  "token_type", token.type(),
                  "issued_token_type", token.issuedType(),
                  "scope", token.scope(),
                  "expires_at", token.expiry().toString()));
      case ENV ->
          aws == null
              ? env(variable, token.value())
              : String.join(
                  "\n",
                  env("AWS_ACCESS_KEY_ID", aws.accessKeyId()),
                  env("AWS_SECRET_ACCESS_KEY", aws.secretAccessKey()),
                  env("AWS_SESSION_TOKEN", aws.sessionToken()));
      case AWS_PROCESS -> {
        if (aws == null) {
          throw new NoToken(
              NoToken.Kind.MISUSE,
              "the target gives no AWS credentials: aws-process is for targets with aws");
        }
        SequencedMap<String, Object> members = aws.members("SessionToken");
        members.putFirst("Version", 1);
        yield json(members);
      }
      case HEADER -> "Authorization: " + token.type() + " " + token.value();
      case EXEC_CREDENTIAL ->
          json(
              Map.of(
                  "apiVersion", request.version(),
                  "kind", "ExecCredential",
                  "status",
                      Map.of(
                          "token", token.value(),
                          "expirationTimestamp", token.expiry().toString())));
      case GIT -> git(token, user(user, "x-access-token"), request);
      case DOCKER ->
          json(
              Map.of(
                  "ServerURL", request.server(),
                  "Username", user(user, "token"),
                  "Secret", token.value()));
      case KUBELET -> kubelet(token, user(user, "token"), request, now);
      case GOOGLE_EXECUTABLE ->
          json(
              Map.of(
                  "version",
                  1,
                  "success",
                  true,
                  "token_type",
                  "urn:ietf:params:oauth:token-type:jwt",
                  "id_token",
                  token.value(),
                  "expiration_time",
                  token.expiry().getEpochSecond()));
    };
  }

  private static String user(String given, String usual) {
    return given.isEmpty() ? usual : given;
  }

  private boolean takesAws() {
    return this == RAW || this == JSON || this == ENV || this == AWS_PROCESS;
  }

  private static @Nullable AwsCredentials aws(KeptToken token) throws NoToken {
    return token.issuedType().equals(AwsCredentials.TYPE)
        ? AwsCredentials.read(token.value())
            .orElseThrow(
                () ->
                    new NoToken(
                        NoToken.Kind.NO_BROKER,
                        "what the broker sent as AWS credentials are none of that form"))
        : null;
  }

  private static String env(String variable, String value) throws NoToken {
    if (!PLAIN.matcher(value).matches()) {
      throw new NoToken(
          NoToken.Kind.MISUSE, "the token has characters that a shell treats specially: use json");
    }
    return variable + "=" + value;
  }

  /** Since 2.46 git takes a credential that no other helper may store. */
  private static String git(KeptToken token, String user, HelperRequest request) {
    String expiry = "password_expiry_utc=" + token.expiry().getEpochSecond();
    if (!request.takesSchemes()) {
      return "username=%s\npassword=%s\n%s".formatted(user, token.value(), expiry);
    }
    byte[] pair = (user + ":" + token.value()).getBytes(UTF_8);
    return "capability[]=authtype\nauthtype=Basic\ncredential=%s\nephemeral=1\n%s"
        .formatted(Base64.getEncoder().encodeToString(pair), expiry);
  }

  /** The kubelet keeps it until it would no longer be handed out here. */
  private static String kubelet(KeptToken token, String user, HelperRequest request, Instant now) {
    Duration remaining = Duration.between(now, token.expiry());
    return json(
        Map.of(
            "apiVersion",
            request.version(),
            "kind",
            "CredentialProviderResponse",
            "cacheKeyType",
            "Registry",
            "cacheDuration",
            Math.max(0, remaining.toSeconds() * 4 / 5) + "s",
            "auth",
            Map.of(request.server(), Map.of("username", user, "password", token.value()))));
  }

  private static String json(Map<String, ?> members) {
    return new String(JsonBytes.of(members), UTF_8);
  }
}
