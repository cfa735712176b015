package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import java.io.IOException;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules for the settings of one client of {@code quarkus.oidc-client}. The OIDC client is not
 * made from unfit settings, and the broker does not start with them.
 *
 * <p>The OIDC client of Quarkus would find its address by discovery at the start, and so hang with
 * the provider. It would send a request four times, and follow a redirect with the secret.
 */
public final class OwnClientRules {

  /** The beginning of the settings' names. */
  public static final String PREFIX = "quarkus.oidc-client.";

  /** The requests again, on a new connection, after a broken one; the OIDC client has no fewer. */
  static final String RETRIES = "1";

  static final String HTTP_TO_LOOPBACK = "token-broker.upstream.allow-http-to-loopback";

  /** How many clients there may be. */
  public static final int MAX_CLIENTS = 100;

  private static final Pattern NAME = Pattern.compile("[a-z0-9](-?[a-z0-9]){0,62}");
  private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");
  private static final String TOKEN_PATH = "token-path";
  private static final String SERVER = "auth-server-url";
  private static final String SECRET_FILE = "credentials.client-secret.provider.keyring-name";
  private static final String SECRET_KEY = "credentials.client-secret.provider.key";
  private static final String ASSERTION_SOURCE = "credentials.jwt.source";
  private static final String ASSERTION_FILE = "credentials.jwt.token-path";
  private static final int MAX_FILE_BYTES = 32 * 1024;

  private final Function<String, @Nullable String> values;
  private final boolean httpToLoopback;
  private final SettingLimits limits;

  private OwnClientRules(
      String name, boolean httpToLoopback, Function<String, @Nullable String> values) {
    this.values = values;
    this.httpToLoopback = httpToLoopback;
    this.limits = new SettingLimits(PREFIX + name + ".");
  }

  /**
   * The settings of a client that are unfit; empty if it can be made.
   *
   * @param httpToLoopback whether a provider on this host may be called without TLS
   * @param values the value of a setting of the client, by its name without the client's prefix;
   *     null if it is not set
   */
  public static List<UnfitSetting> unfit(
      String name, boolean httpToLoopback, Function<String, @Nullable String> values) {
    if (!NAME.matcher(name).matches()) {
      return List.of(
          new UnfitSetting(
              PREFIX + name,
              "is not a name of 1 to 63 lower-case letters, digits and single hyphens.",
              "Give the client such a name; the federation document refers to it."));
    }
    OwnClientRules rules = new OwnClientRules(name, httpToLoopback, values);
    rules.checkAddress();
    rules.checkRequests();
    rules.checkResponses();
    rules.checkAssertion();
    rules.checkFile(SECRET_FILE);
    rules.checkFile(ASSERTION_FILE);
    return rules.limits.unfit();
  }

  private void checkAddress() {
    String path = values.apply(TOKEN_PATH);
    String server = values.apply(SERVER);
    boolean absolute = path != null && path.contains("://");
    String address = absolute ? path : server;
    limits
        .demand(
            path != null && (absolute || server != null),
            TOKEN_PATH,
            "is missing or not absolute, so that the start would wait for a discovery document.",
            "Set it to the URL of the provider's token endpoint.")
        .demand(
            absolute || !isTrue("discovery-enabled"),
            "discovery-enabled",
            "is true, so that the start would wait for a discovery document.",
            "Remove it, and set token-path to the URL of the provider's token endpoint.")
        .demand(
            address == null || isCallable(address),
            absolute ? TOKEN_PATH : SERVER,
            "is no https URL without a user.",
            "Use https; http is for this host, in dev mode and with"
                + " token-broker.upstream.allow-http-to-loopback.");
  }

  private void checkRequests() {
    limits
        .demand(
            values.apply("client-id") != null,
            "client-id",
            "is missing.",
            "Set it to the broker's client at the provider.")
        .demand(
            is("connection-retry-count", RETRIES),
            "connection-retry-count",
            "is not 1, so that more requests than the bound allows would be sent.",
            "Remove it.")
        .demand(
            !isTrue("follow-redirects"),
            "follow-redirects",
            "is true, and no redirect of a provider is followed.",
            "Remove it.")
        .demand(
            is("grant.type", "client"),
            "grant.type",
            "is not client.",
            "Remove it: the broker gets its own tokens by client credentials.")
        .demand(
            is("tls.verification", "required"),
            "tls.verification",
            "does not check the provider's certificate.",
            "Remove it, and set tls.tls-configuration-name.")
        .demand(
            values.apply(SECRET_KEY) == null || is(SECRET_KEY, SecretFiles.KEY),
            SECRET_KEY,
            "is not " + SecretFiles.KEY + ".",
            "Set it to " + SecretFiles.KEY + ".")
        .demand(
            (values.apply(SECRET_KEY) == null) == (values.apply(SECRET_FILE) == null),
            SECRET_FILE,
            "is set without " + SECRET_KEY + ", or the other way round.",
            "Set both: the path of the file with the secret, and " + SecretFiles.KEY + ".");
  }

  /** The broker reads a response as RFC 6749 section 5.1 says, whatever these settings are. */
  private void checkResponses() {
    String problem = "has no effect here, or a wrong one.";
    String remedy = "Remove it.";
    limits
        .demand(!isTrue("absolute-expires-in"), "absolute-expires-in", problem, remedy)
        .demand(
            values.apply("access-token-expires-in") == null,
            "access-token-expires-in",
            problem,
            remedy)
        .demand(
            is("grant.access-token-property", "access_token"),
            "grant.access-token-property",
            problem,
            remedy)
        .demand(
            is("grant.expires-in-property", "expires_in"),
            "grant.expires-in-property",
            problem,
            remedy);
  }

  private void checkAssertion() {
    boolean byFile = "bearer".equalsIgnoreCase(values.apply(ASSERTION_SOURCE));
    limits
        .demand(
            byFile || is(ASSERTION_SOURCE, "client"),
            ASSERTION_SOURCE,
            "is neither client nor bearer.",
            "Set it to bearer for a token in a file, or remove it.")
        .demand(
            byFile == (values.apply(ASSERTION_FILE) != null),
            ASSERTION_FILE,
            "is set without " + ASSERTION_SOURCE + "=bearer, or the other way round.",
            "Set both, or neither.");
  }

  private void checkFile(String key) {
    String path = values.apply(key);
    if (path == null) {
      return;
    }
    String problem = "";
    try {
      if (BoundedFile.read(Path.of(path), MAX_FILE_BYTES).length == 0) {
        problem = "it is empty";
      }
    } catch (IOException | InvalidPathException unreadable) {
      problem = BoundedFile.why(unreadable);
    }
    limits.demand(
        problem.isEmpty(),
        key,
        "names an unusable file: " + problem + ".",
        "Name a readable file with the secret or the token.");
  }

  private boolean isCallable(String address) {
    try {
      URI uri = URI.create(address);
      String host = uri.getHost();
      return host != null
          && uri.getRawUserInfo() == null
          && ("https".equals(uri.getScheme())
              || ("http".equals(uri.getScheme())
                  && httpToLoopback
                  && LOOPBACK.matcher(host).matches()));
    } catch (IllegalArgumentException noUri) {
      return false;
    }
  }

  private boolean is(String key, String only) {
    String value = values.apply(key);
    return value == null || value.equalsIgnoreCase(only);
  }

  private boolean isTrue(String key) {
    return "true".equalsIgnoreCase(values.apply(key));
  }
}
