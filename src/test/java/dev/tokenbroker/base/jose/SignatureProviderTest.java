package dev.tokenbroker.base.jose;

import static dev.tokenbroker.base.jose.CryptoSettings.ProviderChoice.AUTO;
import static dev.tokenbroker.base.jose.CryptoSettings.ProviderChoice.JDK;
import static dev.tokenbroker.base.jose.SignatureProvider.choose;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tokenbroker.base.jose.SignatureCheck.SignatureVerifier;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignatureProviderTest {

  private static final byte[] INPUT = "header.payload".getBytes(US_ASCII);

  @AutoClose private final Logged logged = Logged.open(SignatureProvider.class);

  @TempDir Path directory;

  @Test
  void takes_aws_lc_where_it_loads_and_says_so_in_one_line() {
    Provider loaded = Security.getProviders()[0];

    assertThat(choose(AUTO, () -> new AwsLc.Loading.LoadedLibrary(loaded, "2.5.0")))
        .isSameAs(loaded);
    assertThatItIsLogged("INFO ", "AWS-LC", loaded.getName(), "2.5.0");
  }

  @Test
  void uses_the_jdk_if_aws_lc_does_not_load_and_logs_why_once() {
    assertThat(choose(AUTO, () -> new AwsLc.Loading.LoadFailed("no such library"))).isNull();
    assertThatItIsLogged("WARNING ", "by the JDK", "no such library");
  }

  @Test
  void loads_nothing_where_the_jdk_is_asked_for() {
    Supplier<AwsLc.Loading> none = () -> Unchecked.raise(new AssertionError("it was loaded"));
    assertThat(choose(JDK, none)).isNull();
    assertThatItIsLogged("INFO ", "by the JDK", "token-broker.crypto.provider");
  }

  private void assertThatItIsLogged(String level, String... parts) {
    assertThat(logged.lines()).singleElement().asString().startsWith(level).contains(parts);
  }

  @Test
  void loads_aws_lc_on_the_platforms_that_it_is_built_for() {
    assumeThat(Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2"))).isTrue();
    assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");

    assertThat(AwsLc.load()).isInstanceOf(AwsLc.Loading.LoadedLibrary.class);
    assertThat(SignatureProvider.automatic().name()).isEqualTo("aws-lc");
  }

  @Test
  void leaves_the_providers_of_the_process_as_they_are() {
    SignatureProvider.automatic();

    assertThat(Security.getProviders())
        .extracting(Provider::getName)
        .doesNotContain("AmazonCorrettoCryptoProvider");
  }

  @Test
  void each_signs_what_the_other_verifies() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair pair = generator.generateKeyPair();
    for (SignatureProvider signing : SignatureProviders.each().toList()) {
      byte[] signature = signing.signer(SignatureMethod.ES256, pair.getPrivate()).sign(INPUT);
      for (SignatureProvider verifying : SignatureProviders.each().toList()) {
        SignatureVerifier verifier =
            verifying.verifier(SignatureMethod.named(SignatureMethod.ES256), pair.getPublic());
        assertThat(verifier.verify(INPUT, signature)).isTrue();
        assertThat(verifier.verify(INPUT, Arrays.copyOf(signature, 63))).isFalse();
      }
    }
  }

  @Test
  void leaves_to_the_jdk_what_aws_lc_does_not_have() throws GeneralSecurityException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed448").generateKeyPair();

    byte[] signature = SignatureProvider.automatic().signer("Ed448", pair.getPrivate()).sign(INPUT);

    Signature verifier = Signature.getInstance("Ed448");
    verifier.initVerify(pair.getPublic());
    verifier.update(INPUT);
    assertThat(verifier.verify(signature)).isTrue();
  }

  /** A directory below a file cannot be made, by root neither. */
  @Test
  void falls_back_to_the_jdk_where_the_library_cannot_be_unpacked() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "no directory");

    List<String> output = probe("-Djava.io.tmpdir=" + file.resolve("below"));

    assertThat(output).contains("provider jdk", "verifies true").doesNotContain("provider aws-lc");
    assertThat(output).anyMatch(line -> line.matches("loading LoadFailed.*" + file + ".*"));
  }

  @Test
  void falls_back_to_the_jdk_if_the_library_is_not_installed() throws Exception {
    List<String> output =
        probe(
            "-Dcom.amazon.corretto.crypto.provider.useExternalLib=true",
            "-Djava.library.path=" + directory);

    assertThat(output).contains("provider jdk", "verifies true");
  }

  /** What a process of its own chooses, since this one has chosen already. */
  private static List<String> probe(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Xmx128m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(SignatureProviderProbe.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      List<String> output = process.inputReader(UTF_8).lines().toList();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as(output.toString()).isTrue();
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
