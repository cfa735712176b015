package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.command.report.JUnitPrinter;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.Expectation;
import dev.tokenbroker.operate.cases.Judgement;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.TestSuiteXmlParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parser of Maven's own reports reads what {@code test --junit} writes. */
class JUnitReportTest {

  private static final String CASES = "src/test/resources/cases/failing";

  @TempDir Path directory;

  @Test
  void maven_reads_a_suite_for_each_file_and_a_test_for_each_pair() throws Exception {
    Path xml = directory.resolve("cases.xml");

    assertThat(new Shell().run("test", "--junit", xml.toString(), CASES).code()).isEqualTo(1);

    ReportTestSuite suite = parsed(Files.readAllBytes(xml));
    assertThat(suite)
        .returns(CASES + "/each-kind.cases.yaml", ReportTestSuite::getFullClassName)
        .returns(27, ReportTestSuite::getNumberOfTests)
        .returns(18, ReportTestSuite::getNumberOfFailures)
        .returns(0, ReportTestSuite::getNumberOfErrors)
        .returns(0, ReportTestSuite::getNumberOfSkipped);
    assertThat(suite.getTestCases())
        .hasSize(27)
        .extracting(ReportTestCase::getName)
        .doesNotHaveDuplicates()
        .startsWith("passes: main → payments-api");
    assertThat(suite.getTestCases().stream().filter(ReportTestCase::hasFailure)).hasSize(18);
    assertThat(suite.getTestCases().get(1))
        .returns(
            "outcome: expected accepted by deploy-payments, got refused: NO_RULE_MATCHED",
            ReportTestCase::getFailureMessage)
        .returns("difference", ReportTestCase::getFailureType)
        .returns(
            "rule: sub repo:acme/pay:ref:refs/heads/main, claims.ref is the text"
                + " \"refs/heads/main\", claims.repository_id is the text \"43\"; rule deploy-payments"
                + " does not hold: claims.repository_id == \"42\": claims.repository_id is the text"
                + " \"43\"; rule read-payments does not hold: claims.repository_id == \"42\":"
                + " claims.repository_id is the text \"43\"; Rule orders-by-attempt admits this identity to"
                + " the target orders.",
            ReportTestCase::getFailureDetail);
  }

  @Test
  void only_what_the_filter_shows_is_written() throws Exception {
    Path xml = directory.resolve("cases.xml");

    assertThat(
            new Shell().run("test", "--filter", "passes", "--junit", xml.toString(), CASES).code())
        .isZero();

    assertThat(parsed(Files.readAllBytes(xml)).getTestCases())
        .extracting(ReportTestCase::getName)
        .containsExactly("passes: main → payments-api");
  }

  /** XML has no form for some characters, and a reader refuses a file that contains them. */
  @Test
  void text_of_any_kind_is_written_so_that_it_can_be_read() throws Exception {
    String text = "<&\"' \u0000\u0001\u001b\t\n\u0085\u202e\ud800\ufffe\uffff\ud83d\ude80]]>";
    CaseReport.Pair pair =
        new CaseReport.Pair(
            text,
            7,
            text,
            text,
            new Expectation.ForReason(RefusalReason.RULE_DISABLED),
            new Judgement.Denied(
                RefusalReason.NO_RULE_MATCHED, Step.RULE, null, text, List.of(text), List.of()));

    String xml =
        JUnitPrinter.print(List.of(CaseOutput.of(new CaseReport(text, "revision", List.of(pair)))));

    String shown =
        "<&\"' "
            + "\\u0000\\u0001\\u001B\\u0009\\u000A\\u0085\\u202E\\uD800\\uFFFE\\uFFFF\ud83d\ude80]]>";
    ReportTestCase read = parsed(xml.getBytes(UTF_8)).getTestCases().getFirst();
    assertThat(read)
        .returns(shown + ": " + shown + " → " + shown, ReportTestCase::getName)
        .returns("rule: " + shown + "; " + shown, ReportTestCase::getFailureDetail);
  }

  private static ReportTestSuite parsed(byte[] xml) throws Exception {
    List<ReportTestSuite> suites =
        new TestSuiteXmlParser(new NullConsoleLogger())
            .parse(new InputStreamReader(new ByteArrayInputStream(xml), UTF_8));
    assertThat(suites).hasSize(1);
    return suites.getFirst();
  }
}
