package dev.tokenbroker.command;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.files.Resource;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code init}: prints or writes a commented federation document for a kind of workload or for
 * operators, and a case file for it.
 */
final class InitCommand implements Command {

  static final List<String> PRESETS =
      List.of(
          "github-actions",
          "github-app",
          "gitlab",
          "buildkite",
          "google",
          "aws",
          "entra",
          "kubernetes",
          "spiffe",
          "operators");

  private static final String PRESET = "--preset";
  private static final String CASES = "--cases";
  private static final String INTO = "--into";
  private static final String DOCUMENT_FILE = "federation.yaml";
  private static final String CASE_FILE = "federation.cases.yaml";

  private final Terminal console;

  InitCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "init",
            "Prints a commented federation document to begin with: the issuer of a kind of"
                + " workload, a target and a rule. Change the lines that say so. Fetches nothing.")
        .addOption(
            Commands.option(
                PRESET, "PRESET", "Who gets tokens, one of: " + String.join(", ", PRESETS) + "."))
        .addOption(Commands.flag(CASES, "Print the case file for the document instead."))
        .addOption(
            Commands.path(
                INTO,
                "DIRECTORY",
                "Write both as %s and %s into this directory instead, which is made if it is missing. Existing files stay as they are."
                    .formatted(DOCUMENT_FILE, CASE_FILE)));
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    String preset = given.matchedOptionValue(PRESET, "");
    if (!PRESETS.contains(preset)) {
      throw new Failure(ExitCode.USAGE, PRESET + " must be one of: " + String.join(", ", PRESETS));
    }
    boolean cases = given.hasMatchedOption(CASES);
    if (!given.hasMatchedOption(INTO)) {
      console.print(cases ? cases(preset) : document(preset));
      return ExitCode.OK;
    }
    if (cases) {
      throw new Failure(ExitCode.USAGE, CASES + " and " + INTO + " exclude each other");
    }
    write(preset, Path.of(given.matchedOptionValue(INTO, "")));
    return ExitCode.OK;
  }

  private void write(String preset, Path directory) throws Failure {
    Path document = directory.resolve(DOCUMENT_FILE);
    Path cases = directory.resolve(CASE_FILE);
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new Failure(ExitCode.IO, directory + " is not a directory");
    }
    for (Path file : List.of(document, cases)) {
      if (Files.exists(file)) {
        throw exists(file);
      }
    }
    create(directory, document, document(preset));
    create(directory, cases, cases(preset));
    console.printLine("Wrote " + document + " and " + cases + ". Change the lines that say so.");
  }

  private static void create(Path directory, Path file, String content) throws Failure {
    try {
      Files.createDirectories(directory);
      Files.writeString(file, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException meanwhile) {
      throw exists(file);
    } catch (IOException broken) {
      throw new Failure(ExitCode.IO, file + " cannot be written: " + BoundedFile.why(broken));
    }
  }

  private static Failure exists(Path file) {
    return new Failure(
        ExitCode.REFUSED, file + " exists; move it away, or choose another directory");
  }

  private static String document(String preset) {
    return resource(preset + ".yaml");
  }

  private static String cases(String preset) {
    return resource(preset + ".cases.yaml");
  }

  private static String resource(String name) {
    return Resource.text(InitCommand.class, "/dev/tokenbroker/preset/" + name);
  }
}
