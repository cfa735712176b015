package dev.tokenbroker.deployment;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The caller that {@code docker/try} has: it makes a federation that trusts a key of its own, and
 * exchanges credentials signed by it at a broker that runs elsewhere.
 *
 * <p>Ends with 1 and one line where something is not as it should be.
 */
public final class Trial {

  private static final String USAGE =
      "usage: Trial prepare FOLDER | exchange FOLDER GRPC_PORT HTTP_PORT"
          + " | console FOLDER GRPC_PORT HTTP_PORT | load FOLDER GRPC_PORT | judge FOLDER LOG";

  private static final String FIRST = "first";

  private final Path folder;

  private Trial(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      throw new IllegalArgumentException(USAGE);
    }
    Trial trial = new Trial(Path.of(arguments[1]));
    String trouble =
        switch (arguments[0]) {
          case "prepare" -> trial.prepare();
          case "exchange" ->
              trial.exchange(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
          case "console" ->
              trial.console(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
          case "load" -> trial.load(Integer.parseInt(arguments[2]));
          case "judge" -> trial.judge(Path.of(arguments[2]));
          default -> USAGE;
        };
    if (!trouble.isEmpty()) {
      System.out.println(trouble);
      System.exit(1);
    }
  }

  private String prepare() throws Exception {
    Files.writeString(folder.resolve("etc").resolve("federation.yaml"), Credentials.make(folder));
    return "";
  }

  /** One exchange over gRPC; the token must be signed by a key that the broker publishes. */
  private String exchange(int grpcPort, int httpPort) throws Exception {
    ExchangeTokenResponse response;
    try (Callers callers = new Callers(grpcPort, Credentials.of(folder))) {
      response = callers.exchange();
    }
    answered(response);
    URI published = URI.create("http://127.0.0.1:" + httpPort + "/.well-known/jwks.json");
    return trouble(response, JWKSet.load(published.toURL()));
  }

  /** What is wrong with a token by the keys that its broker publishes; empty for nothing. */
  static String trouble(ExchangeTokenResponse response, JWKSet published)
      throws ParseException, JOSEException {
    SignedJWT token = SignedJWT.parse(response.getAccessToken());
    JWK key = published.getKeyByKeyId(token.getHeader().getKeyID());
    if (!(key instanceof AsymmetricJWK signer)) {
      return "The token names a key that is not published";
    }
    JWSVerifier verifier =
        new DefaultJWSVerifierFactory().createJWSVerifier(token.getHeader(), signer.toPublicKey());
    if (!token.verify(verifier)) {
      return "The token's signature is bad";
    }
    System.out.println(
        "Exchanged: a token for "
            + token.getJWTClaimsSet().getAudience()
            + " by "
            + token.getHeader().getAlgorithm()
            + ", signed by a published key");
    return "";
  }

  /**
   * The console's page is open and its data are not; with an operator's token they are. The token
   * stays in the folder, for a browser.
   */
  private String console(int grpcPort, int httpPort) throws Exception {
    ExchangeTokenResponse response;
    try (Callers callers = new Callers(grpcPort, Credentials.of(folder))) {
      response = callers.becomeOperator();
    }
    answered(response);
    String token = response.getAccessToken();
    Files.writeString(folder.resolve("operator-token"), token);
    try (TriedConsole console = new TriedConsole(URI.create("http://127.0.0.1:" + httpPort))) {
      return console.trouble(token);
    }
  }

  /** Keeps the id of the verdict that came with a token. */
  private void answered(ExchangeTokenResponse response) throws IOException {
    Files.writeString(
        folder.resolve(FIRST),
        response.getVerdictId() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Calls until the broker is gone, and keeps the ids of the verdicts that it was given. */
  private String load(int grpcPort) throws Exception {
    try (Callers callers = new Callers(grpcPort, Credentials.of(folder))) {
      callers.callUntilGone(() -> System.out.println("under way"));
      Files.write(folder.resolve("answered"), callers.answered());
      System.out.println("Called: " + callers.outcomes());
      callers.said().forEach((words, times) -> System.out.println("  " + times + " x " + words));
      return callers.trouble();
    }
  }

  /**
   * Every exchange that the audit log has as accepted was answered to its caller, and the other way
   * round; all lines are JSON objects; none tells of an error.
   */
  private String judge(Path log) throws IOException {
    Set<String> answered = new HashSet<>(Files.readAllLines(folder.resolve("answered")));
    answered.addAll(Files.readAllLines(folder.resolve(FIRST)));
    Set<String> accepted = new HashSet<>();
    List<String> odd = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      Map<String, Object> record = record(line);
      if ("accepted".equals(record.get("outcome"))) {
        accepted.add((String) record.get("verdict_id"));
      } else if (!record.containsKey("verdict_id") && isOdd(record)) {
        odd.add(line);
      }
    }
    if (!odd.isEmpty()) {
      return odd.size() + " odd lines in the log, such as: " + odd.getFirst();
    }
    Set<String> lost = new HashSet<>(accepted);
    lost.removeAll(answered);
    if (!lost.isEmpty()) {
      return lost.size() + " accepted calls were lost, such as " + lost.iterator().next();
    }
    if (!accepted.containsAll(answered)) {
      return "Calls were answered that the audit log does not have";
    }
    System.out.println(
        "Of "
            + accepted.size()
            + " accepted calls in the audit log none was lost; the log is clean");
    return "";
  }

  /** A line of the log; without any member where it is no JSON object. */
  private static Map<String, Object> record(String line) {
    try {
      return JSONObjectUtils.parse(line);
    } catch (ParseException e) {
      return Map.of();
    }
  }

  private static boolean isOdd(Map<String, Object> record) {
    Object level = record.get("level");
    return level == null || "ERROR".equals(level) || "FATAL".equals(level);
  }
}
