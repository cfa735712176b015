package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.IntrospectTokenRequest;
import dev.tokenbroker.v1.IntrospectTokenResponse;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.RevokeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc.TokenBrokerBlockingStub;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Introspection and revocation as a gRPC client sees them. */
@Tag("store")
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LifecycleCallsLiveTest {

  @Inject Federations federations;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();
  @AutoClose private BrokerClient client;
  private String introspector;
  private String revoker;

  @BeforeAll
  void start() {
    String anybody = "claims.sub != ''";
    new TestFederation()
        .issuer("good", issuer.issuer())
        .rule("lifecycle", "good", "token-broker", anybody, "introspect, operate, revoke")
        .load(federations);
    client = BrokerClient.plaintext(GrpcPort.current());
    introspector = "Bearer " + token("token-broker", "introspect");
    revoker = "Bearer " + token("token-broker", "revoke");
  }

  @Test
  void tells_what_an_active_token_says_until_it_is_revoked() {
    String token = token("payments-api", "read");

    IntrospectTokenResponse active = introspect(introspector, token);
    assertThat(active.getActive()).isTrue();
    assertThat(active.getScopesList()).containsExactly("read");
    assertThat(active.getTokenType()).isEqualTo("Bearer");
    assertThat(active.getAudiencesList()).containsExactly("payments-api");
    assertThat(active.getIssuer()).isEqualTo("https://broker.test");
    assertThat(active.getSubject()).isNotEmpty().isEqualTo(active.getClientId());
    assertThat(active.getTokenId()).hasSize(22);
    assertThat(active.getExpireTime().getSeconds() - active.getIssueTime().getSeconds())
        .isBetween(200L, 300L);
    assertThat(active.hasConfirmation()).isFalse();

    try (AuditLines audit = new AuditLines()) {
      assertThat(revoke(revoker, token)).isEqualTo(RevokeTokenResponse.getDefaultInstance());
      assertThat(audit.with(active.getTokenId()))
          .singleElement()
          .asString()
          .contains("\"intent\":\"revoke\"", "\"edge\":\"grpc\"");
    }
    assertThat(introspect(introspector, token))
        .isEqualTo(IntrospectTokenResponse.getDefaultInstance());
    assertThat(revoke(revoker, token)).isEqualTo(RevokeTokenResponse.getDefaultInstance());
  }

  @Test
  void revokes_only_the_presented_token_for_its_holder() {
    String held = token("payments-api", "read");
    String other = token("payments-api", "deploy");

    assertRefused(
        () -> revoke("Bearer " + held, other), Code.UNAUTHENTICATED, "CALLER_UNAUTHENTICATED");
    assertThat(introspect(introspector, other).getActive()).isTrue();
    assertThat(revoke("Bearer " + held, held)).isEqualTo(RevokeTokenResponse.getDefaultInstance());
    assertThat(introspect(introspector, held).getActive()).isFalse();
    assertRefused(
        () -> revoke("Bearer " + held, held), Code.UNAUTHENTICATED, "CALLER_UNAUTHENTICATED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "..", "a.b.c", "eyJhbGciOiJub25lIn0.e30."})
  void reports_a_non_token_as_inactive_and_revokes_it(String token) {
    assertThat(introspect(introspector, token))
        .isEqualTo(IntrospectTokenResponse.getDefaultInstance());
    assertThat(introspect(introspector, token.repeat(10_000)))
        .isEqualTo(IntrospectTokenResponse.getDefaultInstance());
    assertThat(revoke(revoker, token)).isEqualTo(RevokeTokenResponse.getDefaultInstance());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Bearer x", "Basic YTpi", "DPoP x"})
  void tells_those_who_are_not_known_the_same_whatever_the_token(String authorization) {
    List<String> tokens = List.of(token("payments-api", "read"), "x", "", "x".repeat(40_000));
    List<String> told = new ArrayList<>();
    for (String token : tokens) {
      told.add(refusal(() -> introspect(authorization, token)));
      told.add(refusal(() -> revoke(authorization, token)));
    }

    assertThat(told.stream().distinct())
        .singleElement()
        .asString()
        .startsWith("UNAUTHENTICATED ")
        .contains("grpc-retry-pushback-ms=-1");
  }

  @Test
  void lets_nobody_in_who_presents_two_tokens_be_they_good() {
    for (String other : List.of(introspector, "Bearer x")) {
      TokenBrokerBlockingStub stub = client.with("authorization", List.of(introspector, other));
      assertRefused(
          () -> stub.introspectToken(IntrospectTokenRequest.newBuilder().setToken("x").build()),
          Code.UNAUTHENTICATED,
          "CALLER_UNAUTHENTICATED");
    }
  }

  @Test
  void refuses_who_lacks_the_scope_and_what_names_no_token() {
    assertRefused(() -> introspect(revoker, "x"), Code.PERMISSION_DENIED, "CALLER_NOT_PERMITTED");
    assertRefused(() -> revoke(introspector, "x"), Code.PERMISSION_DENIED, "CALLER_NOT_PERMITTED");
    assertRefused(() -> introspect(introspector, ""), Code.INVALID_ARGUMENT, "REQUEST_INVALID");
    assertRefused(() -> revoke(revoker, ""), Code.INVALID_ARGUMENT, "REQUEST_INVALID");
  }

  private static void assertRefused(Runnable call, Code code, String reason) {
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(call::run)
        .satisfies(
            refused -> {
              assertThat(refused.getStatus().getCode()).isEqualTo(code);
              assertThat(BrokerClient.refused(refused).reason()).isEqualTo(reason);
              assertThat(BrokerClient.refused(refused).pushback()).isEqualTo("-1");
            });
  }

  /** All that a caller is told, but for the date. */
  private static String refusal(Runnable call) {
    try {
      call.run();
      throw new AssertionError("was let in");
    } catch (StatusRuntimeException refused) {
      Metadata trailers = Objects.requireNonNull(refused.getTrailers());
      TreeMap<String, String> told = new TreeMap<>();
      for (String name : trailers.keys()) {
        told.put(
            name,
            name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
                ? Arrays.toString(
                    trailers.get(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER)))
                : trailers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
      }
      told.remove("date");
      return refused.getStatus().getCode() + " " + refused.getStatus().getDescription() + told;
    }
  }

  private IntrospectTokenResponse introspect(String authorization, String token) {
    return stub(authorization)
        .introspectToken(IntrospectTokenRequest.newBuilder().setToken(token).build());
  }

  private RevokeTokenResponse revoke(String authorization, String token) {
    return stub(authorization).revokeToken(RevokeTokenRequest.newBuilder().setToken(token).build());
  }

  private TokenBrokerBlockingStub stub(String authorization) {
    return authorization.isEmpty()
        ? client.stub()
        : client.with("authorization", List.of(authorization));
  }

  private String token(String audience, String scope) {
    return client.accessToken(
        BrokerClient.exchangeOf(audience, issuer.credential()).toBuilder()
            .addScopes(scope)
            .build());
  }
}
