package dev.tokenbroker.command;

import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.cases.CaseReport;
import dev.tokenbroker.operate.cases.CaseReport.Pair;
import dev.tokenbroker.operate.cases.Judgement;
import dev.tokenbroker.operate.recording.Replay;
import dev.tokenbroker.operate.recording.ReplayReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/** Writes results in the XML of JUnit, which CI systems read. */
final class JUnitReport {

  private final XMLStreamWriter xml;

  private JUnitReport(XMLStreamWriter xml) {
    this.xml = xml;
  }

  /** Tests of one file. */
  record Suite(String name, List<Check> checks) {

    private long failures() {
      return checks.stream().filter(check -> check.failure() != null).count();
    }

    private long skipped() {
      return checks.stream().filter(Check::skipped).count();
    }
  }

  /**
   * One test.
   *
   * @param line in the file; 0 where there is none
   * @param failure what differs; null if it passed
   * @param details of a failure
   * @param skipped whether it was not run
   */
  record Check(String name, int line, @Nullable String failure, String details, boolean skipped) {

    Check(String name, int line, @Nullable String failure, String details) {
      this(name, line, failure, details, false);
    }
  }

  /** A suite for each case file, and a test for each pair. */
  static List<Suite> ofCases(List<CaseReport> reports) {
    return reports.stream()
        .map(
            report ->
                new Suite(report.file(), report.pairs().stream().map(JUnitReport::check).toList()))
        .toList();
  }

  private static Check check(Pair pair) {
    String name = pair.testCase() + ": " + pair.identity() + " → " + pair.audience();
    if (pair.passed()) {
      return new Check(name, pair.line(), null, "");
    }
    String differences =
        pair.differences().stream()
            .map(one -> one.what() + ": expected " + one.expected() + ", got " + one.got())
            .collect(Collectors.joining("; "));
    return new Check(
        name,
        pair.line(),
        differences,
        pair.judgement() instanceof Judgement.Denied denied ? details(denied) : "");
  }

  private static String details(Judgement.Denied denied) {
    List<String> details = new ArrayList<>();
    details.add(denied.step().label() + ": " + denied.seen());
    details.addAll(denied.notes());
    details.addAll(denied.hints());
    return String.join("; ", details);
  }

  /** A test for each kind of change, which fails unless there is none or it is allowed. */
  static List<Suite> ofReplay(String recording, ReplayReport report, Set<CandidateEffect> allowed) {
    return List.of(
        new Suite(
            recording,
            Stream.of(CandidateEffect.values())
                .map(change -> check(change, report, allowed.contains(change)))
                .toList()));
  }

  private static Check check(CandidateEffect change, ReplayReport report, boolean allowed) {
    List<Replay.ReplayResult> results = report.results(change);
    if (allowed || results.isEmpty()) {
      return new Check(change.label(), 0, null, "");
    }
    Replay.ReplayResult first = results.getFirst();
    return new Check(
        change.label(),
        0,
        results.size() + " distinct, " + report.requests(change) + " requests",
        "%s → %s, before: %s, after: %s"
            .formatted(
                first.line().request().issuer(),
                first.line().request().target(),
                first.before(),
                first.after()));
  }

  /** Writes the suites to that file. */
  static void write(List<Suite> suites, Path file) throws Failure {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(suites, bytes);
      Files.write(file, bytes.toByteArray());
    } catch (IOException | XMLStreamException failed) {
      throw new Failure(ExitCode.IO, "--junit cannot be written");
    }
  }

  static void write(List<Suite> suites, OutputStream out) throws XMLStreamException {
    XMLStreamWriter writer =
        XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out, "UTF-8");
    new JUnitReport(writer).write(suites);
    writer.close();
  }

  private void write(List<Suite> suites) throws XMLStreamException {
    xml.writeStartDocument("UTF-8", "1.0");
    xml.writeStartElement("testsuites");
    xml.writeAttribute("name", Commands.NAME);
    counts(
        suites.stream().mapToLong(suite -> suite.checks().size()).sum(),
        suites.stream().mapToLong(Suite::failures).sum(),
        suites.stream().mapToLong(Suite::skipped).sum());
    for (Suite suite : suites) {
      xml.writeStartElement("testsuite");
      attribute("name", suite.name());
      counts(suite.checks().size(), suite.failures(), suite.skipped());
      for (Check check : suite.checks()) {
        testCase(suite.name(), check);
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void counts(long tests, long failures, long skipped) throws XMLStreamException {
    xml.writeAttribute("tests", "" + tests);
    xml.writeAttribute("failures", "" + failures);
    xml.writeAttribute("errors", "0");
    xml.writeAttribute("skipped", "" + skipped);
    xml.writeAttribute("time", "0");
  }

  private void testCase(String suite, Check check) throws XMLStreamException {
    xml.writeStartElement("testcase");
    attribute("classname", suite);
    attribute("name", check.name());
    if (check.line() > 0) {
      attribute("line", "" + check.line());
    }
    attribute("time", "0");
    if (check.skipped()) {
      xml.writeEmptyElement("skipped");
    }
    if (check.failure() != null) {
      xml.writeStartElement("failure");
      attribute("type", "difference");
      attribute("message", check.failure());
      if (!check.details().isEmpty()) {
        xml.writeCharacters(printable(check.details()));
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, printable(value));
  }

  /** XML 1.0 has no form for control characters, so they are shown as a question mark. */
  private static String printable(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) || isLone(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isLone(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE || (codePoint & 0xFFFE) == 0xFFFE;
  }
}
