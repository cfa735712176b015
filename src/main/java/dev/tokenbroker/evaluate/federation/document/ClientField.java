package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads how the broker authenticates to an upstream: {@code clientAuthentication}, and its related
 * keys.
 */
final class ClientField {

  private static final String KEY = "clientAuthentication";
  private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7E]+");

  /** The names of the IANA registry (RFC 7591 section 4.2), except {@code federated}. */
  enum Method {
    CLIENT_SECRET_BASIC("clientSecretFile"),
    CLIENT_SECRET_POST("clientSecretFile"),
    PRIVATE_KEY_JWT("keyFile"),
    TLS_CLIENT_AUTH("tls"),
    FEDERATED(""),
    NONE("");

    /** The key that names the evidence; empty where there is none. */
    private final String proof;

    Method(String proof) {
      this.proof = proof;
    }

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    List<String> needed() {
      return Stream.of(this == FEDERATED || this == NONE ? "" : "clientId", proof)
          .filter(key -> !key.isEmpty())
          .toList();
    }

    boolean uses(String key) {
      return key.equals(proof) || (this == PRIVATE_KEY_JWT && key.equals("keyId"));
    }
  }

  private final SecretFiles secrets;
  private final Problems problems;

  ClientField(SecretFiles secrets, Problems problems) {
    this.secrets = secrets;
    this.problems = problems;
  }

  /** The authentication of the broker; null where a problem was reported. */
  @Nullable ClientAuthentication read(Fields fields, UpstreamGrant grant) {
    int before = problems.reports();
    Method method = method(fields);
    String id = printable(fields, "clientId");
    String keyId = printable(fields, "keyId");
    Path secret =
        method == null || method.uses("clientSecretFile") ? secrets.clientSecret(fields) : null;
    Path key = method == null || method.uses("keyFile") ? secrets.clientKey(fields) : null;
    if (method == null) {
      return null;
    }
    checkGrant(fields, method, grant);
    checkKeys(fields, method);
    return problems.reports() > before
        ? null
        : client(method, id, secret == null ? key : secret, keyId);
  }

  private @Nullable Method method(Fields fields) {
    if (fields.has(KEY)) {
      return fields.choice(KEY, "client authentication", Method.values(), Method::label);
    }
    if (fields.has("clientSecretFile")) {
      return Method.CLIENT_SECRET_BASIC;
    }
    fields.lacks(
        KEY,
        "Use one of "
            + String.join(", ", fields.words(KEY))
            + "; beside clientSecretFile, client_secret_basic may be left out.");
    return null;
  }

  private void checkGrant(Fields fields, Method method, UpstreamGrant grant) {
    if (grant == UpstreamGrant.CLIENT_CREDENTIALS && method == Method.NONE) {
      fields.report(
          KEY,
          "'" + method.label() + "' is impossible with the grant " + grant.label(),
          "Give the broker a secret, a key or a certificate of its own, since it asks in its own"
              + " name; or choose another grant.");
    }
  }

  private void checkKeys(Fields fields, Method method) {
    for (String key : method.needed()) {
      if (!fields.has(key)) {
        fields.lacks(key, remedy(key, method));
      }
    }
    for (String key : List.of("clientSecretFile", "keyFile", "keyId")) {
      if (fields.has(key) && !method.uses(key)) {
        fields.report(
            key,
            "'" + key + "' has no effect with " + method.label(),
            "Remove it, or choose another " + KEY + ".");
      }
    }
  }

  private static String remedy(String key, Method method) {
    String what =
        switch (key) {
          case "clientId" -> "Give the identifier under which the upstream knows this broker";
          case "clientSecretFile" -> "Name a file that holds the client's secret";
          case "keyFile" -> "Name a file that holds the client's private key";
          default -> "Name the TLS configuration (quarkus.tls.NAME) that holds its certificate";
        };
    return what + "; " + method.label() + " needs it.";
  }

  /** RFC 6749 appendix A.1. */
  private @Nullable String printable(Fields fields, String key) {
    Scalar text = fields.text(key);
    if (text == null) {
      return null;
    }
    if (!PRINTABLE.matcher(text.text()).matches()) {
      problems.at(
          text.place(),
          "'" + key + "' holds other characters than printable ASCII",
          "Remove the characters.");
    }
    return text.text();
  }

  /** Requires that what the method needs is there; if not, a problem has been reported. */
  private static ClientAuthentication client(
      Method method, @Nullable String id, @Nullable Path file, @Nullable String keyId) {
    return switch (method) {
      case CLIENT_SECRET_BASIC -> new ClientAuthentication.Basic(given(id), given(file));
      case CLIENT_SECRET_POST -> new ClientAuthentication.Post(given(id), given(file));
      case PRIVATE_KEY_JWT -> new ClientAuthentication.PrivateKeyJwt(given(id), given(file), keyId);
      case TLS_CLIENT_AUTH -> new ClientAuthentication.MutualTls(given(id));
      case FEDERATED -> new ClientAuthentication.Federated(id);
      case NONE -> new ClientAuthentication.NoAuthentication(id);
    };
  }

  private static <T> T given(@Nullable T needed) {
    return Objects.requireNonNull(needed);
  }
}
