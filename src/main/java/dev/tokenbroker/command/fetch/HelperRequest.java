package dev.tokenbroker.command.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a program asks of its credential helper. It may hold secrets, so {@link #toString} shows the
 * host alone.
 *
 * @param host the host and port for which a credential is wanted; empty if none may be sent there
 * @param server the server in the words of the program
 * @param version the API version of the answer
 * @param takesSchemes whether git takes a credential of another kind than a password
 * @param credential the credential that the request holds; null if it holds none
 * @param password the token that git sends back; empty if it sends none
 */
public record HelperRequest(
    String host,
    String server,
    String version,
    boolean takesSchemes,
    @Nullable Credential credential,
    String password) {

  /** No request. */
  public static final HelperRequest NONE =
      new HelperRequest("", "", "client.authentication.k8s.io/v1", false, null, "");

  private static final String KUBELET_VERSION = "credentialprovider.kubelet.k8s.io/v1";

  /**
   * Reads what git writes: lines of {@code key=value}, ended by LF. Strangers choose the values, by
   * addresses and headers. So no line may hold a control character, and the host must be a whole
   * authority: {@code github.com/.evil.example} is none.
   */
  public static HelperRequest ofGit(String input) {
    if (input.chars().anyMatch(c -> c != '\n' && Character.isISOControl(c))) {
      return NONE;
    }
    Map<String, String> lines = new HashMap<>();
    boolean schemes = false;
    for (String line : input.split("\n", -1)) {
      schemes |= line.equals("capability[]=authtype");
      int equals = line.indexOf('=');
      if (equals > 0
          && lines.putIfAbsent(line.substring(0, equals), line.substring(equals + 1)) != null
          && !line.startsWith("[]", equals - 2)) {
        return NONE; // of two hosts, git and this helper could mean another one each
      }
    }
    String named = lines.getOrDefault("host", "");
    String address = lines.getOrDefault("protocol", "") + "://" + named;
    String host = host(address);
    return host.equals(named.toLowerCase(Locale.ROOT))
        ? new HelperRequest(host, address, "", schemes, null, password(lines))
        : NONE;
  }

  private static String password(Map<String, String> lines) {
    try {
      byte[] pair = Base64.getDecoder().decode(lines.getOrDefault("credential", ""));
      return lines.getOrDefault("password", new String(pair, UTF_8).replaceFirst("^[^:]*:", ""));
    } catch (IllegalArgumentException anotherScheme) {
      return "";
    }
  }

  /** Reads what Docker writes: an address, or a host alone. */
  public static HelperRequest ofDocker(String input) {
    String server = input.strip();
    String address = server.contains("://") ? server : "https://" + server;
    return new HelperRequest(host(address), server, "", false, null, "");
  }

  /**
   * Reads what the kubelet writes. The token of the pod's service account is the credential.
   *
   * @throws NoToken {@code MISUSE} if it is no such request
   */
  public static HelperRequest ofKubelet(byte[] input) throws NoToken {
    if (PeerJson.object(input) instanceof Accepted<Map<String, Object>>(Map<String, Object> request)
        && KUBELET_VERSION.equals(request.get("apiVersion"))
        && request.get("image") instanceof String image) {
      String registry = image.replaceFirst("/.*", "");
      Credential credential =
          request.get("serviceAccountToken") instanceof String token && !token.isEmpty()
              ? Credential.parse(token, "serviceAccountToken")
              : null;
      return new HelperRequest(
          host("https://" + registry), registry, KUBELET_VERSION, false, credential, "");
    }
    throw new NoToken(
        NoToken.Kind.MISUSE, "expected a request of the kubelet, of version " + KUBELET_VERSION);
  }

  /** Reads the variable that kubectl sets, {@code KUBERNETES_EXEC_INFO}; it may be empty. */
  public static HelperRequest ofKubectl(String variable) {
    return PeerJson.object(variable.getBytes(UTF_8))
                instanceof Accepted<Map<String, Object>>(Map<String, Object> info)
            && "client.authentication.k8s.io/v1beta1".equals(info.get("apiVersion"))
        ? new HelperRequest("", "", "client.authentication.k8s.io/v1beta1", false, null, "")
        : NONE;
  }

  /** No token goes to a host in clear text. */
  private static String host(String address) {
    try {
      String authority = SafeAddress.parse(address, "the server").getRawAuthority();
      return authority.toLowerCase(Locale.ROOT);
    } catch (NoToken unsafe) {
      return "";
    }
  }

  @Override
  public String toString() {
    return "HelperRequest[host=" + host + "]";
  }
}
