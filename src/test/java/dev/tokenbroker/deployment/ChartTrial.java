package dev.tokenbroker.deployment;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.tokenbroker.peers.store.ValkeyServer;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.grpc.Grpc;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes what a cluster would give to the pods of a release, for {@code docker/try}, and calls the
 * broker that runs with it by the name of its Service.
 *
 * <p>{@code prepare FOLDER native|jvm SET} writes, in the folder of the set: the files of each
 * volume, and {@code broker} and {@code test}, the options of a container and its arguments, one a
 * line, with {@code IMAGE} between them. Instead of the set's federation document there is one
 * whose credentials this class can make, and signing keys are two, as while they rotate.
 *
 * <p>{@code serve FOLDER} waits until the broker is ready, exchanges a credential, and looks at the
 * keys and at what is closed.
 */
public final class ChartTrial {

  static final String IMAGE = "IMAGE";

  private static final String HOST = "token-broker.token-broker.svc";
  private static final String USAGE = "usage: ChartTrial prepare FOLDER KIND SET | serve FOLDER";
  private static final String ROOT = "root.crt";
  private static final int KEYS = 2;
  private static final int GRPC = 9000;
  private static final int MANAGEMENT = 9100;
  private static final int PLAIN_HTTP = 8080;
  private static final int BAD_REQUEST = 400;
  private static final int OK = 200;
  private static final String CASES = ".cases.yaml";
  private static final String STORE = "valkey.conf";
  private static final Pattern STORE_ANSWERS =
      Pattern.compile("(?m)^tokenbroker_store_answers_total(\\{.*})? [1-9]");
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Path folder;

  private ChartTrial(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      throw new IllegalArgumentException(USAGE);
    }
    ChartTrial trial = new ChartTrial(Path.of(arguments[1]));
    String trouble =
        switch (arguments[0]) {
          case "prepare" -> trial.prepare(arguments[2], arguments[3]);
          case "serve" -> trial.serve();
          default -> USAGE;
        };
    if (!trouble.isEmpty()) {
      System.out.println(trouble);
      System.exit(1);
    }
  }

  private String prepare(String kind, String set) throws Exception {
    Map<String, Object> values = Documents.one(Chart.values(set));
    String document = Credentials.make(folder);
    Map<String, Object> federation = Documents.map(values, "federation");
    if (federation.containsKey("document")) {
      federation.put("document", document);
    } else if (federation.containsKey("root")) {
      document +=
          Documents.maps(federation, "teams").stream()
              .flatMap(team -> Documents.texts(team, "files").stream())
              .filter(file -> !file.endsWith(CASES))
              .map(ChartTrial::owner)
              .collect(Collectors.joining("", "owners:\n", ""));
    }
    if (kind.equals("jvm")) {
      values.put("heap", "");
    }
    Path file = folder.resolve("values.yaml");
    Documents.write(file, values);
    Map<String, String> rendered = new Chart(folder.resolve("chart")).render(file);
    Manifests manifests = Chart.manifests(rendered);

    TestTls authority = TestTls.generate();
    Files.writeString(folder.resolve(ROOT), authority.rootPem());
    String issuer = URI.create(manifests.environment("TOKEN_BROKER_TOKEN_ISSUER")).getHost();
    authority.writePair(folder, "tls", issuer, HOST);
    Secrets secrets = new Secrets(document, authority, HexFormat.of().formatHex(random()));
    writeContainer("broker", manifests.pod(), secrets);
    writeContainer(
        "test",
        Documents.map(
            Documents.ofText(String.valueOf(rendered.get(Chart.TEST_POD))).getFirst(), "spec"),
        secrets);
    if (values.get("store") instanceof Map<?, ?> store) {
      writeStore(String.valueOf(store.get("address")), secrets);
    }
    return "";
  }

  /** What Secrets and ConfigMaps of every name hold. */
  private record Secrets(String document, TestTls authority, String password) {}

  /** The options of a container in the words of Docker and Podman, and its arguments. */
  private void writeContainer(String name, Map<String, Object> pod, Secrets secrets)
      throws IOException, JOSEException {
    Map<String, Object> container = Documents.maps(pod, "containers").getFirst();
    List<String> lines = new ArrayList<>();
    lines.add(
        "--user=%s:%s"
            .formatted(
                Documents.get(pod, "securityContext.runAsUser"),
                Documents.get(pod, "securityContext.runAsGroup")));
    if (Boolean.TRUE.equals(Documents.find(container, "securityContext.readOnlyRootFilesystem"))) {
      lines.add("--read-only");
    }
    if (Boolean.FALSE.equals(
        Documents.find(container, "securityContext.allowPrivilegeEscalation"))) {
      lines.add("--security-opt=no-new-privileges");
    }
    Documents.texts(container, "securityContext.capabilities.drop")
        .forEach(capability -> lines.add("--cap-drop=" + capability));
    for (Map<String, Object> mount : Documents.maps(container, "volumeMounts")) {
      Object volume = Documents.get(mount, "name");
      Path source = folder.resolve(name + "-volumes").resolve(volume.toString());
      writeVolume(source, volume(pod, volume), secrets);
      lines.add(
          "--volume=%s:%s:%s"
              .formatted(
                  source.toAbsolutePath(),
                  mount.get("mountPath"),
                  Boolean.TRUE.equals(mount.get("readOnly")) ? "ro" : "rw"));
    }
    if (container.containsKey("env")) {
      environment(container, secrets.password()).forEach(v -> lines.add("--env=" + v));
    }
    lines.add(IMAGE);
    if (container.containsKey("args")) {
      lines.addAll(Documents.texts(container, "args"));
    }
    Files.write(folder.resolve(name), lines);
  }

  /** Each variable with its value, as the kubelet makes it: a name in $() stands for its value. */
  private static List<String> environment(Map<String, Object> container, String password) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (Map<String, Object> variable : Documents.maps(container, "env")) {
      String value =
          variable.containsKey("valueFrom") ? password : String.valueOf(variable.get("value"));
      for (Map.Entry<String, String> before : variables.entrySet()) {
        value = value.replace("$(" + before.getKey() + ")", before.getValue());
      }
      variables.put(String.valueOf(variable.get("name")), value);
    }
    return variables.entrySet().stream().map(it -> it.getKey() + "=" + it.getValue()).toList();
  }

  private static Map<String, Object> volume(Map<String, Object> pod, Object name) {
    return Documents.maps(pod, "volumes").stream()
        .filter(volume -> name.equals(volume.get("name")))
        .findFirst()
        .orElseThrow();
  }

  /** The files of a Secret or ConfigMap, by the purpose that the name of the volume tells. */
  private void writeVolume(Path source, Map<String, Object> volume, Secrets secrets)
      throws IOException, JOSEException {
    Files.createDirectories(source);
    switch (String.valueOf(volume.get("name"))) {
      case "federation-root" ->
          Files.writeString(source.resolve("federation.yaml"), secrets.document());
      case "federation" -> {
        if (volume.containsKey("projected")) {
          for (Map<String, Object> object : Documents.maps(volume, "projected.sources")) {
            writeTeam(source, object);
          }
        } else {
          Files.writeString(source.resolve("federation.yaml"), secrets.document());
        }
      }
      case "signing-keys" ->
          Files.writeString(source.resolve("current.pem"), signingKey() + signingKey());
      case "store" -> Files.write(source.resolve("store.key"), random());
      case "tls" -> {
        Files.copy(folder.resolve("tls.crt"), source.resolve("tls.crt"));
        if (Documents.find(volume, "secret.items") == null) {
          Files.copy(folder.resolve("tls.key"), source.resolve("tls.key"));
        }
      }
      default -> Files.writeString(source.resolve("ca.crt"), secrets.authority().rootPem());
    }
  }

  /** What the root document lets the file of a team write. */
  private static String owner(String file) {
    String team = file.substring(0, file.indexOf('.'));
    return "  - {file: %s, targets: [%s], declares: [targets, cases]}\n".formatted(file, team);
  }

  /** The files that a source of a projected volume shows, as the team would have written them. */
  private static void writeTeam(Path source, Map<String, Object> object) throws IOException {
    Object kind = object.containsKey("secret") ? "secret" : "configMap";
    List<String> files =
        Documents.maps(object, kind + ".items").stream()
            .map(item -> String.valueOf(item.get("path")))
            .toList();
    for (String file : files) {
      String team = file.substring(0, file.indexOf('.'));
      String text =
          file.endsWith(CASES)
              ? """
              identities:
                member: {issuer: trial, claims: {sub: %1$s}}
              cases:
                - {name: %1$s, identity: member, audience: %1$s, expect: {accepted: %1$s}}
              """
              : """
              targets: [{audience: %1$s, mint: {lifetime: 5m}}]
              rules: [{name: %1$s, issuer: trial, when: 'claims.sub == "%1$s"', audience: %1$s}]
              """
                  + (files.contains(team + CASES) ? "cases: [%1$s" + CASES + "]\n" : "");
      Files.writeString(source.resolve(file), text.formatted(team));
    }
  }

  private static String signingKey() throws JOSEException {
    ECKey key = new ECKeyGenerator(Curve.P_256).generate();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(key.toECPrivateKey().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  /** The settings of a Valkey server that is the store of the set. */
  private void writeStore(String address, Secrets secrets) throws IOException {
    int colon = address.indexOf(':');
    secrets.authority().writePair(folder, "valkey", address.substring(0, colon));
    Files.write(
        folder.resolve(STORE),
        List.of(
            "port 0",
            "bind 127.0.0.1",
            "tls-port " + address.substring(colon + 1),
            "tls-cert-file " + folder.resolve("valkey.crt").toAbsolutePath(),
            "tls-key-file " + folder.resolve("valkey.key").toAbsolutePath(),
            "tls-ca-cert-file " + folder.resolve(ROOT).toAbsolutePath(),
            "tls-auth-clients no",
            "save ''",
            "appendonly no",
            "dir " + folder.toAbsolutePath(),
            "user default off",
            "user token-broker on >" + secrets.password() + " " + ValkeyServer.ACL));
    Files.writeString(folder.resolve("store-host"), address.substring(0, colon));
  }

  private static byte[] random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  private String serve() throws Exception {
    try (HttpClient http =
        HttpClient.newBuilder()
            .sslContext(TestTls.client(Documents.text(folder.resolve(ROOT)), "TLS"))
            .build()) {
      String trouble =
          await("ready", () -> get(http, MANAGEMENT, "/q/health/ready").statusCode() == OK);
      if (trouble.isEmpty() && Files.exists(folder.resolve(STORE))) {
        trouble =
            await(
                "in touch with its store",
                () -> STORE_ANSWERS.matcher(get(http, MANAGEMENT, "/q/metrics").body()).find());
      }
      if (trouble.isEmpty()) {
        trouble = exchange(http);
      }
      return trouble.isEmpty() ? closed(http) : trouble;
    }
  }

  /** What is seen at a broker that may not listen yet. */
  private interface Sight {
    boolean seen() throws IOException, InterruptedException;
  }

  private static String await(String state, Sight sight) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String last = "";
    while (System.nanoTime() - end < 0) {
      try {
        if (sight.seen()) {
          System.out.println("It is " + state + ", with TLS and by its name");
          return "";
        }
      } catch (IOException e) {
        last = e.toString();
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    return "It is not " + state + " within " + PATIENCE + " " + last;
  }

  private String exchange(HttpClient http) throws Exception {
    ExchangeTokenResponse response;
    try (Callers callers =
        new Callers(
            Grpc.newChannelBuilderForAddress(
                    HOST,
                    GRPC,
                    TlsChannelCredentials.newBuilder()
                        .trustManager(folder.resolve(ROOT).toFile())
                        .build())
                .build(),
            Credentials.of(folder))) {
      response = callers.exchange();
    }
    JWKSet published = JWKSet.parse(get(http, 8443, "/.well-known/jwks.json").body());
    if (published.getKeys().size() != KEYS) {
      return "It publishes " + published.getKeys().size() + " keys instead of " + KEYS;
    }
    return Trial.trouble(response, published);
  }

  /** A request without anything is refused with a reason, and no port answers without TLS. */
  private static String closed(HttpClient http) throws IOException, InterruptedException {
    HttpResponse<String> refused =
        http.send(
            HttpRequest.newBuilder(URI.create("https://" + HOST + ":8443/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("audience=payments-api"))
                .build(),
            BodyHandlers.ofString());
    if (refused.statusCode() != BAD_REQUEST || !refused.body().contains("error_description")) {
      return "A bad request is answered with " + refused.statusCode() + " " + refused.body();
    }
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), PLAIN_HTTP)) {
      return "Port 8080 is open";
    } catch (ConnectException closed) {
      System.out.println("Refuses with a reason; port 8080 is closed");
      return "";
    }
  }

  private static HttpResponse<String> get(HttpClient http, int port, String path)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("https://" + HOST + ":" + port + path))
            .timeout(Duration.ofSeconds(10))
            .build(),
        BodyHandlers.ofString());
  }
}
