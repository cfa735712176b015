package dev.tokenbroker.drill;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A fault for which the broker does not start.
 *
 * @param start faults of one start are found together, and stand in one line
 * @param injection gets the directory in which the broker starts
 * @param words what the line must contain: the setting, what is wrong with it, and the remedy
 */
record StartFault(
    String name,
    String start,
    BiConsumer<BrokerProcess.Setup, Path> injection,
    int code,
    List<String> words) {

  static final String BEGIN = "The broker does not start:";
  static final int OS = 71;
  static final int CONFIGURATION = 78;

  /** Stand in settings of the table; nothing that a start writes has one of them. */
  static final List<String> SECRETS =
      List.of("s3cr", "pass^w0rd", "hunter", "MIGHAgEAMBMGByqGSM49", "ZmlsZS1vZi1hLXNlY3JldA");

  private static final String KEY =
      "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n";
  private static final String CERTIFICATE =
      "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
  private static final String TLS = "quarkus.tls.key-store.pem.0.";

  static List<StartFault> all() {
    List<StartFault> all = new ArrayList<>();
    // Values that cannot be read
    rows(
        """
        a boolean that is misspelt     | TOKEN_BROKER_DPOP_NONCE_REQUIRED            | ture
        a boolean in another language  | TOKEN_BROKER_RECORDING_ENABLED              | ja
        a boolean with a quote         | TOKEN_BROKER_CACHE_ENABLED                  | "true"
        a number for a boolean         | TOKEN_BROKER_STORE_SHARED                   | 2
        a boolean of Quarkus           | QUARKUS_HTTP_PROXY_PROXY_ADDRESS_FORWARDING | treu
        a word for a number            | TOKEN_BROKER_ADMISSION_MAX_IN_FLIGHT        | many
        a number with a unit           | TOKEN_BROKER_CREDENTIAL_MAX_SIZE            | 16KB
        a number with a separator      | TOKEN_BROKER_DPOP_MAX_REMEMBERED            | 200_000
        a number that is too long      | TOKEN_BROKER_CREDENTIAL_MAX_USED            | 99999999999
        a number for a share           | TOKEN_BROKER_FEDERATION_CANDIDATE_SHARE     | half
        a duration in words            | TOKEN_BROKER_ISSUER_KEY_COOL_DOWN           | soon
        a duration with a strange unit | TOKEN_BROKER_ISSUER_MAX_STALE               | 2 fortnights
        a word for client-auth         | TOKEN_BROKER_TLS_CLIENT_AUTH                | yes
        an algorithm that is none      | TOKEN_BROKER_TOKEN_ALGORITHM                | HS256
        a destination that is none     | TOKEN_BROKER_AUDIT_TO                       | file
        a duration of Quarkus          | QUARKUS_TLS_RELOAD_PERIOD                   | often
        a size of Quarkus              | QUARKUS_HTTP_LIMITS_MAX_BODY_SIZE           | big
        """,
        (name, variable, value, _) ->
            all.add(
                new StartFault(
                    name,
                    "unreadable",
                    (setup, _) -> setup.environment(variable, value),
                    CONFIGURATION,
                    List.of("\"" + value + "\"", "cannot be read", "Correct the settings"))));
    own(
        all,
        "a store URL that does not parse",
        CONFIGURATION,
        (setup, _) ->
            setup
                .environment("TOKEN_BROKER_STORE_SHARED", "true")
                .environment("QUARKUS_REDIS_HOSTS", "redis://user:pass^w0rd@s3cr 3t@host:6379"),
        "quarkus.redis.hosts | *** | Correct");
    for (String broken : List.of(":pass^w0rd@store:6379", "redis//:pass^w0rd@store:6379")) {
      own(
          all,
          "a store URL without a scheme, " + broken.indexOf(':'),
          CONFIGURATION,
          (setup, _) ->
              setup
                  .environment("TOKEN_BROKER_STORE_SHARED", "true")
                  .environment("QUARKUS_REDIS_HOSTS", broken),
          "quarkus.redis.hosts | *** | Correct");
    }
    // Checks of ours, all in one line
    rows(
        """
        an environment variable that is misspelt                         | TOKEN_BROKER_ISUER_KEY_COOL_DOWN | 10s
        a system property that is misspelt                               | token-broker.isuer.max-stale     | 10s
        a misspelt property of Quarkus                                   | quarkus.http.limit.max-body-size | 1K
        a misspelt variable of Quarkus: QUARKUS_HTTP_PROT                | QUARKUS_HTTP_PROT                | hunter2hunter2
        a misspelt variable of Quarkus: QUARKUS_TLS_KEYSTORE_PEM_0_CERT  | QUARKUS_TLS_KEYSTORE_PEM_0_CERT  | hunter2hunter2
        a misspelt variable of Quarkus: QUARKUS_REDIS_HOST               | QUARKUS_REDIS_HOST               | hunter2hunter2
        a misspelt variable of Quarkus: QUARKUS_MANAGEMENT_PROT          | QUARKUS_MANAGEMENT_PROT          | hunter2hunter2
        a misspelt variable of Quarkus: QUARKUS_LOG_LEVLE                | QUARKUS_LOG_LEVLE                | hunter2hunter2
        a misspelt variable of Quarkus: QUARKUS_OTEL_SDK_DISABLE         | QUARKUS_OTEL_SDK_DISABLE         | hunter2hunter2
        a misspelt variable of Quarkus: QUARKUS_HTTP_PROXY_TRUSTED_PROXY | QUARKUS_HTTP_PROXY_TRUSTED_PROXY | hunter2hunter2
        a misspelt variable of Quarkus: QUARKUS_HTTP_INSECURE_REQUEST    | QUARKUS_HTTP_INSECURE_REQUEST    | hunter2hunter2
        """,
        (name, setting, value, _) ->
            checked(all, name, setting, value, "no setting", "Correct the name"));
    rows(
        """
        HTTP/2 at the HTTP port                   | quarkus.http.http2                   | true                           | HTTP/1.1 only
        a duration out of its bounds              | token-broker.issuer.key-cool-down    | 1ms                            | PT0.1S at least
        a number out of its bounds                | token-broker.admission.max-in-flight | 0                              | is 0                      | 1 at least
        a size out of its bounds                  | token-broker.credential.max-size     | 17                             | is 17                     | 1024 at least
        a time to stop out of its bounds          | token-broker.shutdown.timeout        | 2h                             | PT2H                      | PT1H at most
        a secret in the place of its path         | TOKEN_BROKER_DPOP_NONCE_SECRET_FILE  | ZmlsZS1vZi1hLXNlY3JldA==       | is no path                | Write the text to a file
        a store's address without a store         | quarkus.redis.hosts                  | redis://:s3cr3t@127.0.0.1:6379 | no store is shared        | token-broker.store.shared
        client certificates without a certificate | token-broker.tls.client-auth         | required                       | Set quarkus.tls.key-store
        """,
        (name, setting, value, words) -> checked(all, name, setting, value, words));
    checked(
        all,
        "a misspelt variable in a file .env",
        (_, files) -> write(files.resolve(".env"), "TOKEN_BROKER_CASHE_ENABLED=false\n"),
        "TOKEN_BROKER_CASHE_ENABLED | no setting | Correct the name");
    checked(
        all,
        "a misspelt property of Quarkus in a file",
        (_, files) ->
            write(
                files.resolve("config/application.properties"),
                "quarkus.tls.key-stor.pem.0.cert=x\n"),
        "quarkus.tls.key-stor.pem.0.cert | no setting | Correct the name");
    checked(
        all,
        "no issuer of tokens",
        (setup, _) -> setup.without("token-broker.token.issuer"),
        "token-broker.token.issuer");
    checked(
        all,
        "a blank at a path's end",
        (setup, files) -> setup.with("token-broker.changes.path", files.resolve("changes") + " "),
        "token-broker.changes.path | blank | Remove the blank");
    checked(
        all,
        "a key in the place of its path",
        (setup, _) -> setup.with("token-broker.token.key-files", KEY),
        "token-broker.token.key-files | is no path | Write the text to a file");
    checked(
        all,
        "one port for HTTP and management",
        (setup, _) ->
            setup.with("quarkus.http.port", "18181").with("quarkus.management.port", "18181"),
        "quarkus.management.port | is 18181, as quarkus.http.port is | Choose another port");
    checked(
        all,
        "one port for HTTP and gRPC",
        (setup, _) ->
            setup.with("quarkus.http.port", "18181").with("token-broker.grpc.port", "18181"),
        "token-broker.grpc.port | is 18181, as quarkus.http.port is | Choose another port");
    checked(
        all,
        "an audit log that is switched off",
        (setup, _) ->
            setup
                .with("token-broker.audit.to", "log")
                .with("quarkus.log.category.\"dev.tokenbroker.audit\".level", "OFF"),
        "dev.tokenbroker.audit");
    checked(
        all,
        "an own client without TLS",
        (setup, _) ->
            setup
                .with("quarkus.oidc-client.idp.token-path", "http://idp.example/token")
                .with("quarkus.oidc-client.idp.client-id", "broker")
                .with("quarkus.oidc-client.idp.credentials.secret", "hunter2hunter2"),
        "quarkus.oidc-client.idp");
    checked(
        all,
        "a certificate beside the registry",
        (setup, _) ->
            setup
                .with("quarkus.http.ssl.certificate.key-store-password", "hunter3hunter3")
                .with("quarkus.http.ssl.certificate.files", "a.pem"),
        "quarkus.http.ssl.certificate | Set quarkus.tls.key-store instead");
    // Files of TLS
    own(
        all,
        "a key that does not fit the certificate",
        CONFIGURATION,
        (setup, files) -> {
          TestTls.generate().writePair(files, "own", "localhost");
          TestTls.generate().writePair(files, "other", "localhost");
          setup
              .with(TLS + "cert", files.resolve("own.crt").toString())
              .with(TLS + "key", files.resolve("other.key").toString());
        },
        "quarkus.tls.key-store | own.crt | other.key | key does not fit");
    tls(all, "a certificate file that is missing", "cert", null, "Unable to read file");
    tls(all, "a key file that is missing", "key", null, "Unable to read file");
    tls(all, "an empty certificate file", "cert", "", "Missing -----BEGIN CERTIFICATE-----");
    tls(all, "an empty key file", "key", "", "Missing -----BEGIN PRIVATE KEY-----");
    tls(all, "a certificate that is not PEM", "cert", "hello", "Missing -----BEGIN CERTIFICATE");
    tls(all, "a key that is not PEM", "key", "hello", "Missing -----BEGIN PRIVATE KEY-----");
    tls(all, "a certificate for a key", "key", CERTIFICATE, "Missing -----BEGIN PRIVATE KEY-----");
    own(
        all,
        "a trust store that is missing",
        CONFIGURATION,
        (setup, files) -> setup.with("quarkus.tls.trust-store.pem.certs", files + "/none.pem"),
        "quarkus.tls.trust-store.pem.certs | Unable to read file | none.pem | Correct");
    own(
        all,
        "both types of key store",
        CONFIGURATION,
        (setup, files) ->
            setup
                .with(TLS + "cert", write(files.resolve("c.pem"), CERTIFICATE))
                .with(TLS + "key", write(files.resolve("k.pem"), KEY))
                .with("quarkus.tls.key-store.p12.password", "hunter2hunter2")
                .with("quarkus.tls.key-store.p12.path", write(files.resolve("k.p12"), "none")),
        "quarkus.tls.key-store.p12.path | PEM and PKCS12 | Correct");
    own(
        all,
        "a key store that is none",
        CONFIGURATION,
        (setup, files) ->
            setup
                .with("quarkus.tls.key-store.p12.password", "hunter2hunter2")
                .with("quarkus.tls.key-store.p12.path", write(files.resolve("k.p12"), "none")),
        "quarkus.tls.key-store.p12.path | Correct");
    // Documents
    own(
        all,
        "a federation document with problems",
        CONFIGURATION,
        (_, files) ->
            write(
                files.resolve("federation.yaml"), StartDrillIT.FEDERATION.replace("mint:", "mnt:")),
        "token-broker.federation.path | 1 problem(s) | token-broker check");
    own(
        all,
        "a federation document that is missing",
        CONFIGURATION,
        (setup, files) -> setup.with("token-broker.federation.path", files + "/none.yaml"),
        "token-broker.federation.path | problem(s)");
    own(
        all,
        "a directory without documents",
        CONFIGURATION,
        (setup, files) ->
            setup.with("token-broker.federation.path", folder(files.resolve("empty"))),
        "token-broker.federation.path | problem(s)");
    // The machine
    port(all, "quarkus.http.port");
    port(all, "quarkus.management.port");
    port(all, "token-broker.grpc.port");
    own(
        all,
        "an address of another machine",
        OS,
        (setup, _) -> setup.with("quarkus.management.host", "192.0.2.1"),
        "quarkus.management.host=192.0.2.1 | Choose another address");
    for (int most : List.of(64, 128)) {
      all.add(
          new StartFault(
              "no more than " + most + " open files",
              "",
              (setup, _) -> setup.openFiles(most),
              OS,
              List.of("ulimit -n", "256 at least")));
    }
    return all;
  }

  /** Cells of a row: the name, a setting, its value, and words that the line must have. */
  private static void rows(String table, Row row) {
    table
        .lines()
        .map(line -> line.split(" *\\| ", -1))
        .forEach(
            cells ->
                row.add(cells[0], cells[1], cells[2], Arrays.copyOfRange(cells, 3, cells.length)));
  }

  /** Adds the fault of one row. */
  private interface Row {
    void add(String name, String setting, String value, String... words);
  }

  /** A setting of which the line tells the name; capitals are an environment variable. */
  private static void checked(
      List<StartFault> all, String name, String setting, String value, String... words) {
    List<String> told = new ArrayList<>(List.of(words));
    told.addFirst(setting);
    all.add(
        new StartFault(
            name,
            "checked",
            (setup, _) -> {
              if (setting.startsWith("token-broker.") || setting.startsWith("quarkus.")) {
                setup.with(setting, value);
              } else {
                setup.environment(setting, value);
              }
            },
            CONFIGURATION,
            told));
  }

  private static void checked(
      List<StartFault> all,
      String name,
      BiConsumer<BrokerProcess.Setup, Path> injection,
      String words) {
    all.add(new StartFault(name, "checked", injection, CONFIGURATION, apart(words)));
  }

  private static void own(
      List<StartFault> all,
      String name,
      int code,
      BiConsumer<BrokerProcess.Setup, Path> injection,
      String words) {
    all.add(new StartFault(name, "", injection, code, apart(words)));
  }

  private static List<String> apart(String words) {
    return List.of(words.split(" \\| ", -1));
  }

  private static void tls(
      List<StartFault> all, String name, String file, @Nullable String content, String problem) {
    own(
        all,
        name,
        CONFIGURATION,
        (setup, files) -> {
          TestTls.generate().writePair(files, "own", "localhost");
          String bad = files.resolve("bad.pem").toString();
          setup
              .with(TLS + "cert", files.resolve("own.crt").toString())
              .with(TLS + "key", files.resolve("own.key").toString())
              .with(TLS + file, content == null ? bad : write(files.resolve("bad.pem"), content));
        },
        TLS + file + "= | bad.pem | " + problem + " | Correct the settings");
  }

  private static void port(List<StartFault> all, String setting) {
    own(
        all,
        "a port in use: " + setting,
        OS,
        (setup, _) -> setup.with(setting, "" + TakenPort.NUMBER),
        setting + " | " + TakenPort.NUMBER + " | Address already in use | Choose another");
  }

  private static String write(Path file, String content) {
    folder(Objects.requireNonNull(file.getParent()));
    return Unchecked.get(() -> Files.writeString(file, content).toString());
  }

  private static String folder(Path folder) {
    return Unchecked.get(() -> Files.createDirectories(folder).toString());
  }

  /** A port that another process holds while the table runs. */
  static final class TakenPort {
    private static final java.net.ServerSocket HELD = held();
    static final int NUMBER = HELD.getLocalPort();

    private TakenPort() {}

    private static java.net.ServerSocket held() {
      return Unchecked.get(
          () -> new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress()));
    }
  }
}
