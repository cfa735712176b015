package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.DeclaredIssuer.DeclaredKeys;
import dev.tokenbroker.evaluate.federation.document.DeclaredIssuer.Trust;
import dev.tokenbroker.evaluate.federation.document.RuleSection.References;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.OwnKeys;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads and checks the entries of {@code clients}. */
final class ClientSection {

  private static final String ISSUER = "issuer";
  private static final String CERTIFICATES = "certificates";
  private static final String SECRET_FILE = "secretFile";
  private static final List<String> KEYS = List.of("jwksUri", "jwksFile", "jwks");
  private static final List<String> PROOFS =
      List.of(SECRET_FILE, "jwksUri", "jwksFile", "jwks", ISSUER, CERTIFICATES);

  private final SecretFiles secrets;
  private final KeysField keysField;
  private final Surroundings surroundings;
  private final References issuers;
  private final Problems problems;
  private final Names names;
  private final Set<String> signing = new HashSet<>();

  /** The client and the place of each certificate or subject, which belongs to one client. */
  private final Map<Object, Place> proofs = new HashMap<>();

  /**
   * @param issuers the names of the issuers
   */
  ClientSection(
      SourceFiles files, Surroundings surroundings, Set<String> issuers, Problems problems) {
    this.secrets = new SecretFiles(files, problems);
    this.keysField =
        new KeysField(
            files,
            new Addresses(surroundings.httpToLoopback(), problems),
            new OwnClientField(surroundings.ownClients(), problems),
            problems);
    this.surroundings = surroundings;
    this.issuers = new References(ISSUER, issuers, "Name a declared issuer.", problems);
    this.problems = problems;
    this.names =
        new Names("a client", "Give it its client_id; rules and verdicts show it.", problems);
  }

  /** The declared names, including those of entries with problems. */
  Set<String> names() {
    return names.declared();
  }

  /** The names of the clients with own keys. */
  Set<String> signing() {
    return signing;
  }

  /** The client; empty where the entry has problems. */
  Optional<DeclaredClient> read(Mapping entry) {
    int before = problems.reports();
    Fields fields = new Fields("a client", entry, DocumentReader.SHAPE.at("clients"), problems);
    String name = names.read(fields);
    Set<ClientRight> may = rights(fields);
    boolean disabled = fields.flag("disabled");
    List<String> given = PROOFS.stream().filter(fields::has).toList();
    if (given.size() != 1) {
      fields.report(
          given.isEmpty() ? "name" : given.getLast(),
          "a client needs exactly one of " + String.join(", ", PROOFS),
          "Keep the one way in which it proves itself.");
      return Optional.empty();
    }
    if (fields.has("subject") && !fields.has(ISSUER)) {
      fields.report("subject", "'subject' has no effect without 'issuer'", "Add the issuer.");
    }
    if (fields.has("tls") && !fields.has("jwksUri")) {
      fields.report("tls", "'tls' has no effect without 'jwksUri'", "Remove tls.");
    }
    boolean signs = KEYS.contains(given.getFirst());
    DeclaredIssuer signer = signs && name != null ? signer(fields, name) : null;
    ClientProof proof = signs ? null : proof(fields, given.getFirst());
    if (name == null || (proof == null && signer == null) || problems.reports() > before) {
      return Optional.empty();
    }
    return Optional.of(new DeclaredClient(name, proof, signer, may, disabled));
  }

  private Set<ClientRight> rights(Fields fields) {
    Set<ClientRight> rights = EnumSet.noneOf(ClientRight.class);
    for (Scalar word : fields.texts("may")) {
      Arrays.stream(ClientRight.values())
          .filter(right -> right.label().equals(word.text()))
          .findFirst()
          .ifPresentOrElse(
              rights::add,
              () ->
                  problems.at(
                      word.place(),
                      "'" + word.text() + "' is no right of a client",
                      "Use exchange, introspect or revoke."));
    }
    return rights;
  }

  private @Nullable DeclaredIssuer signer(Fields fields, String name) {
    DeclaredKeys keys = keysField.read(fields, name);
    if (keys == null) {
      return null;
    }
    signing.add(name);
    Duration least = surroundings.leastLeeway();
    Duration leeway = IssuerSection.DEFAULT_LEEWAY;
    return new DeclaredIssuer(
        TrustedIssuer.CLIENT_PREFIX + name,
        name,
        new Trust(
            surroundings.ownAddresses(),
            EnumSet.allOf(SigningAlgorithm.class),
            least.compareTo(leeway) > 0 ? least : leeway,
            TrustedIssuer.MAX_ASSERTION_LIFE,
            true,
            null),
        keys,
        false);
  }

  private @Nullable ClientProof proof(Fields fields, String given) {
    return switch (given) {
      case SECRET_FILE -> secrets.ofClient(fields, SECRET_FILE);
      case ISSUER -> federated(fields);
      default -> certificates(fields);
    };
  }

  private @Nullable ClientProof federated(Fields fields) {
    String issuer = issuers.read(fields, ISSUER);
    Scalar subject = fields.required("subject", "Give the exact sub of its credentials.");
    fields.refuseControlCharacters("a subject", subject);
    if (issuer == null || subject == null) {
      return null;
    }
    ClientProof proof = new ClientProof.Federated(issuer, subject.text());
    return isFirst(proof, subject) ? proof : null;
  }

  private @Nullable ClientProof certificates(Fields fields) {
    int before = problems.reports();
    Set<String> thumbprints =
        fields.texts(CERTIFICATES).stream()
            .flatMap(text -> thumbprint(text).stream())
            .collect(Collectors.toUnmodifiableSet());
    if (thumbprints.isEmpty() && problems.reports() == before) {
      fields.report(CERTIFICATES, "'certificates' is empty", "List at least one thumbprint.");
    }
    return thumbprints.isEmpty() ? null : new ClientProof.Certificates(thumbprints);
  }

  private Optional<String> thumbprint(Scalar text) {
    Optional<String> thumbprint = Thumbprints.parse(text.text());
    if (thumbprint.isEmpty()) {
      problems.at(
          text.place(),
          "'" + text.text() + "' is no SHA-256 thumbprint of a certificate",
          "Give what `openssl x509 -noout -fingerprint -sha256` shows, or x5t#S256.");
    }
    return thumbprint.filter(each -> isFirst(each, text));
  }

  private boolean isFirst(Object proof, Scalar at) {
    Place first = proofs.putIfAbsent(proof, at.place());
    if (first != null) {
      problems.at(
          at.place(),
          "the same proof belongs to the client at " + first,
          "Give each client its own, so that it names one client.");
    }
    return first == null;
  }

  /**
   * Parses SHA-256 thumbprints of certificates in both usual notations. The first is base64url
   * without padding, as in {@code x5t#S256} (RFC 8705 section 3.1). The second is hexadecimal
   * digits, with or without the colons of {@code openssl x509 -fingerprint -sha256}.
   */
  static final class Thumbprints {

    private static final Pattern BASE64_URL =
        Pattern.compile("[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]");
    private static final Pattern HEX = Pattern.compile("([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}");

    private Thumbprints() {}

    /** The thumbprint in base64url; empty if the text is no thumbprint. */
    static Optional<String> parse(String text) {
      if (HEX.matcher(text).matches()) {
        byte[] digest = HexFormat.of().parseHex(text.replace(":", ""));
        return Optional.of(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
      }
      return Optional.of(text).filter(BASE64_URL.asMatchPredicate());
    }
  }

  /**
   * A client as declared in the document, without problems.
   *
   * @param proof how it proves itself; null if by its own keys
   * @param signer the client as the issuer of its assertions; null if it proves itself otherwise
   */
  record DeclaredClient(
      String name,
      @Nullable ClientProof proof,
      @Nullable DeclaredIssuer signer,
      Set<ClientRight> may,
      boolean disabled) {

    RegisteredClient registered(Function<KeyLocation, KeySetSource> remoteKeys) {
      return new RegisteredClient(
          name,
          proof == null ? new OwnKeys(Objects.requireNonNull(signer).trusted(remoteKeys)) : proof,
          may,
          disabled);
    }
  }
}
