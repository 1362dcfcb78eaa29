//! Invoices as they arrive: a picture for people (PDF) and a document for programs (XML).

use super::compose::{Part, letter};
use super::file::pdf;
use super::{DAY, HOUR, NEW, SEEN, SampleMessage, Scene};

/// Italy, FatturaPA 1.2 (shortened).
const FATTURA_PA: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2" versione="FPR12">
  <FatturaElettronicaHeader>
    <CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdFiscaleIVA>
      <Anagrafica><Denominazione>Caffè Esempio S.r.l.</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>
    <CessionarioCommittente><DatiAnagrafici><Anagrafica><Denominazione>Mailroom Test</Denominazione></Anagrafica></DatiAnagrafici></CessionarioCommittente>
  </FatturaElettronicaHeader>
  <FatturaElettronicaBody>
    <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa><Data>2026-10-30</Data>
      <Numero>2026/117</Numero><ImportoTotaleDocumento>244.00</ImportoTotaleDocumento></DatiGeneraliDocumento></DatiGenerali>
    <DatiBeniServizi><DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>Caffè in grani</Descrizione>
      <PrezzoTotale>200.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee></DatiBeniServizi>
  </FatturaElettronicaBody>
</p:FatturaElettronica>
"#;

/// Poland, KSeF FA(3) (shortened).
const KSEF: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
  <Naglowek><KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza><WariantFormularza>3</WariantFormularza></Naglowek>
  <Podmiot1><DaneIdentyfikacyjne><NIP>1234567890</NIP><Nazwa>Żółw i Wspólnicy sp. z o.o.</Nazwa></DaneIdentyfikacyjne></Podmiot1>
  <Podmiot2><DaneIdentyfikacyjne><NIP>9876543210</NIP><Nazwa>Mailroom Test</Nazwa></DaneIdentyfikacyjne></Podmiot2>
  <Fa><KodWaluty>PLN</KodWaluty><P_1>2026-11-03</P_1><P_2>FV/2026/11/0042</P_2><P_15>1230.00</P_15>
    <FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Papier biurowy, ryza</P_7><P_11>1000.00</P_11><P_12>23</P_12></FaWiersz></Fa>
</Faktura>
"#;

/// Peppol, UBL 2.1 (shortened).
const UBL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
  xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
  xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
  <cbc:ID>R-2026-0815</cbc:ID><cbc:IssueDate>2026-08-15</cbc:IssueDate><cbc:DueDate>2026-09-14</cbc:DueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
  <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Beispiel Bürobedarf GmbH</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
  <cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">119.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>
"#;

pub(super) fn messages(scene: &Scene) -> Vec<SampleMessage> {
    let invoice =
        |name, flags, age_s: i64, from: &str, number: &str, xml_type: &str, xml_name: &str, xml: &str| {
            let (date, message_id) = (scene.date(age_s), format!("<{name}@invoices.example>"));
            let subject = format!("Invoice {number}");
            let headers = [
                ("Date", date.as_str()),
                ("From", from),
                ("To", &scene.owner),
                ("Subject", &subject),
                ("Message-ID", &message_id),
            ];
            let parts = [
                Part::plain(&format!(
                    "Please find attached our invoice {number}.\nPayment is due within 30 days.\n"
                )),
                Part::attachment(
                    "application/pdf",
                    &format!("{}.pdf", number.replace('/', "-")),
                    &pdf(&format!("Invoice {number}")),
                ),
                Part::attachment(xml_type, xml_name, xml.as_bytes()),
            ];
            let raw = letter(&headers, &Part::multipart("mixed", &format!("=_{name}"), &parts));
            scene.message(name, "INBOX", flags, age_s, raw)
        };
    vec![
        invoice(
            "invoice-fatturapa",
            SEEN,
            23 * DAY,
            "Caffe Esempio <fatture@caffe.example>",
            "2026/117",
            "application/xml",
            "IT01234567890_00117.xml",
            FATTURA_PA,
        ),
        invoice(
            "invoice-ksef",
            NEW,
            19 * HOUR,
            "\"Zolw i Wspolnicy\" <faktury@zolw.example>",
            "FV/2026/11/0042",
            "text/xml; charset=UTF-8",
            "Faktura żółw.xml",
            KSEF,
        ),
        invoice(
            "invoice-ubl",
            SEEN,
            99 * DAY,
            "Beispiel GmbH <rechnung@buero.example>",
            "R-2026-0815",
            "application/xml",
            "R-2026-0815.xml",
            UBL,
        ),
    ]
}
