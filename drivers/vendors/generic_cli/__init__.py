"""Reading, and only reading, every platform whose tables ntc-templates knows.

- The commands come from the profile, or are chosen from ntc-templates' own index by what they are called and by the
  fields of their templates (:mod:`drivers.vendors.generic_cli.tables`).
- A template is compiled once; the same bytes are not parsed again, and the same rows give the same state object.
- Fields mean something by their names (:mod:`drivers.vendors.generic_cli.words`); where several tables speak of a
  port they are put together (:mod:`drivers.vendors.generic_cli.findings`).
- Nothing is guessed. A command that the device refuses, an answer that no template knows, and a table that says less
  than the schema asks are told (``unread``); a field that nothing told is absent.

Such a device can be a node: its state, operation, facts and links are reported. What is declared for it is
``Unsupported``, since its profile names no field that could be written.
"""

from drivers.vendors.generic_cli.driver import GenericCli

DRIVER = GenericCli
