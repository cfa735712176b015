package dev.tokenbroker.bench;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Loads a broker on this machine with real calls and prints rate, latencies and how the calls
 * ended.
 *
 * <pre>
 * Load prepare DIR                                   writes federation.yaml and a credential good for an hour
 * Load run DIR PORT CALLERS CALLS [valid|malformed]  makes that many calls from that many callers on 4 connections
 * </pre>
 *
 * <p>Only loopback is ever called, and the number of calls is bounded.
 */
public final class Load {

  private static final int CONNECTIONS = 4;
  private static final int MAX_CALLS = 10_000_000;
  private static final String ISSUER = "https://load.example";
  private static final String AUDIENCE = "https://broker.example";

  private Load() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "prepare" -> prepare(Path.of(args[1]));
      case "run" ->
          run(
              args.length > 5 && args[5].equals("malformed")
                  ? "ey.ey.ey"
                  : Files.readString(Path.of(args[1], "credential")),
              Integer.parseInt(args[2]),
              Integer.parseInt(args[3]),
              Math.min(MAX_CALLS, Integer.parseInt(args[4])));
      default -> throw new IllegalArgumentException("prepare or run, not " + args[0]);
    }
  }

  private static void prepare(Path dir) throws Exception {
    Files.createDirectories(dir);
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("load").generate();
    Files.writeString(
        dir.resolve("jwks.json"), "{\"keys\":[" + key.toPublicJWK().toJSONString() + "]}");
    Files.writeString(
        dir.resolve("federation.yaml"),
        """
        issuers:
          - {name: load, issuer: '%s', audiences: ['%s'], jwksFile: jwks.json}
        targets:
          - {audience: payments-api, mint: {lifetime: 10m}}
        rules:
          - name: all
            issuer: load
            audience: payments-api
            when: claims.repository == "acme/payments" && claims.ref.startsWith("refs/heads/")
            scopes: [deploy, read]
        """
            .formatted(ISSUER, AUDIENCE));
    Instant now = Instant.now();
    SignedJWT credential =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("load").build(),
            new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .subject("workload")
                .audience(AUDIENCE)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(3_600)))
                .claim("repository", "acme/payments")
                .claim("ref", "refs/heads/main")
                .build());
    credential.sign(new ECDSASigner(key));
    Files.writeString(dir.resolve("credential"), credential.serialize());
  }

  private static void run(String credential, int port, int callers, int calls) throws Exception {
    List<ManagedChannel> channels = new ArrayList<>();
    for (int at = 0; at < CONNECTIONS; at++) {
      channels.add(ManagedChannelBuilder.forAddress("localhost", port).usePlaintext().build());
    }
    ExchangeTokenRequest request =
        ExchangeTokenRequest.newBuilder()
            .setAudience("payments-api")
            .setSubjectToken(credential)
            .build();
    long[] micros = new long[calls];
    Map<String, LongAdder> endings = new ConcurrentHashMap<>();
    List<Thread> threads = new ArrayList<>();
    long began = System.nanoTime();
    for (int caller = 0; caller < callers; caller++) {
      int first = caller;
      ManagedChannel channel = channels.get(caller % CONNECTIONS);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int call = first; call < calls; call += callers) {
                      long start = System.nanoTime();
                      endings
                          .computeIfAbsent(ending(channel, request), any -> new LongAdder())
                          .increment();
                      micros[call] = (System.nanoTime() - start) / 1_000;
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    channels.forEach(ManagedChannel::shutdownNow);
    Arrays.sort(micros);
    System.out.printf(
        "%d calls in %.1f s: %.0f a second; µs p50 %d, p99 %d, max %d; %s%n",
        calls,
        seconds,
        calls / seconds,
        micros[calls / 2],
        micros[(int) (calls * 0.99)],
        micros[calls - 1],
        endings);
  }

  private static String ending(ManagedChannel channel, ExchangeTokenRequest request) {
    try {
      TokenBrokerGrpc.newBlockingStub(channel)
          .withDeadlineAfter(10, TimeUnit.SECONDS)
          .exchangeToken(request);
      return "OK";
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode().name();
    }
  }
}
