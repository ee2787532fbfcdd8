"""What the columns of plain tables are called in Dutch, German, French and Spanish: they yield to `generic_words`.

Words that mean one thing in one of these languages and another in the next are left to a person.
"""

from __future__ import annotations

WHO = """
customers.customer_id   klantnummer | klantnr | klantcode | klant id | relatienummer | debiteurnummer | klant
    | kundennummer | kundennr | kunden id | kunde | numero client | code client | numero cliente | codigo cliente
    | id cliente | cliente
customers.email     e mailadres | mailadres | e mail adresse | adresse e mail | courriel | correo electronico | correo
customers.phone     telefoon | telefoonnummer | mobiel | gsm | telefon | telefonnummer | handynummer
    | numero de telephone | portable | telefono | movil | celular
customers.name      klantnaam | naam klant | volledige naam | kundenname | nom du client | nom client | nom complet
    | nombre del cliente | nombre cliente | nombre completo
"""

BUYER = WHO + """
customers.first_name    voornaam | vorname | prenom | nombre
customers.last_name     achternaam | nachname | familienname | nom de famille | apellido | apellidos
customers.gender        geslacht | geschlecht | sexe | sexo
customers.birth_date    geboortedatum | geburtsdatum | date de naissance | fecha de nacimiento
customers.street        adres | straat | straße | anschrift | adresse | rue | direccion | calle
customers.city          plaats | woonplaats | stad | stadt | ort | wohnort | ville | ciudad
customers.region        provincie | bundesland | departement | provincia
customers.postcode      plz | postleitzahl | code postal | codigo postal
customers.country       land | pays | pais
"""

PERSON = BUYER + """
customers.language      taal | sprache | langue | idioma
customers.signed_up_at  klant sinds | aangemeld op | kunde seit | registriert am | client depuis | cliente desde
    | fecha de registro
customers.email_consent nieuwsbrief | lettre d information | boletin
"""

ORDER = """
orders.order_id     bestelnummer | bestelnr | ordernummer | ordernr | bestelling | factuurnummer | factuurnr
    | bonnummer | bestellnummer | bestellnr | bestellung | auftragsnummer | rechnungsnummer | rechnungsnr
    | belegnummer | numero de commande | numero commande | commande | numero de facture | facture
    | numero de pedido | numero pedido | pedido | numero de factura | factura
orders.at           datum | besteldatum | orderdatum | factuurdatum | aankoopdatum | bestelldatum | auftragsdatum
    | rechnungsdatum | kaufdatum | belegdatum | date de commande | date commande | date de facture | date d achat
    | fecha | fecha de pedido | fecha pedido | fecha de compra | fecha de factura
orders.status       bestelstatus | bestellstatus | statut | estado
orders.channel      verkoopkanaal | winkel | filiaal | verkaufskanal | filiale | canal | magasin | boutique | tienda
orders.total        totaal | totaalbedrag | bedrag | totaal incl btw | bedrag incl btw | orderbedrag | gesamtbetrag
    | gesamtsumme | betrag | summe | gesamt | rechnungsbetrag | montant | montant total | total ttc | montant ttc
    | importe | importe total | monto
orders.subtotal     subtotaal | zwischensumme | sous total
orders.discount     korting | rabatt | remise | descuento
orders.shipping     verzendkosten | versandkosten | frais de port | frais de livraison | gastos de envio
orders.tax          btw | mwst | ust | mehrwertsteuer | tva | iva
orders.refunded     terugbetaald | erstattet | rembourse | reembolsado
orders.promo_code   kortingscode | actiecode | gutscheincode | rabattcode | code promo | codigo promocional | cupon
orders.currency     valuta | währung | devise | moneda
orders.payment_method   betaalmethode | betaalwijze | zahlungsart | zahlungsmethode | mode de paiement
    | moyen de paiement | forma de pago | metodo de pago
"""

GOODS = """
products.category   categorie | productgroep | artikelgroep | kategorie | warengruppe | produktgruppe | famille | rayon
    | categoria | familia
products.brand      merk | marke | marque | marca
products.vendor     leverancier | fabrikant | lieferant | hersteller | fournisseur | fabricant | proveedor | fabricante
"""

COUNTED = "aantal | stuks | menge | anzahl | stückzahl | quantite | qte | cantidad | unidades"

LINE = GOODS + f"""
lines.product_id    artikelnummer | artikelnr | artikelcode | productnummer | produktnummer | code article | reference
    | codigo articulo | referencia
lines.product_name  artikel | productnaam | artikelnaam | omschrijving | artikelomschrijving | produkt | produktname
    | artikelbezeichnung | bezeichnung | produit | nom du produit | designation | libelle | producto | articulo
    | nombre del producto | descripcion
lines.quantity      {COUNTED}
lines.unit_price    prijs | stukprijs | prijs per stuk | eenheidsprijs | preis | einzelpreis | stückpreis | prix
    | prix unitaire | precio | precio unitario
lines.discount      korting | rabatt | remise | descuento
lines.unit_cost     inkoopprijs | kostprijs | einkaufspreis | prix d achat | precio de coste
lines.amount        regeltotaal | totaal | totaalbedrag | bedrag | totaal incl btw | bedrag incl btw | gesamtpreis
    | gesamt | betrag | summe | montant | montant ttc | total ttc | importe
"""

PRODUCT = GOODS + """
products.product_id     artikelnummer | artikelnr | artikelcode | productnummer | produktnummer | code article
    | reference | codigo articulo | referencia
products.name           naam | artikel | productnaam | artikelnaam | omschrijving | produkt | produktname | bezeichnung
    | nom | produit | nom du produit | designation | nombre | producto | articulo | nombre del producto
products.price          prijs | verkoopprijs | preis | verkaufspreis | prix | prix de vente | precio | precio de venta
products.unit_cost      inkoopprijs | kostprijs | einkaufspreis | prix d achat | precio de coste
"""

ABROAD: dict[str, str] = {
    "customers": PERSON + "\ncustomers.name     naam | nom\n",
    "orders": ORDER + BUYER + f"\ncustomers.name    naam | nom\nlines.quantity    {COUNTED}\n",
    "lines": LINE + ORDER.replace("orders.total ", "orders.total_unused ") + BUYER,
    "products": PRODUCT,
    **dict.fromkeys(("messages", "visits", "checkouts", "events", "tickets", "answers"), WHO),
}
"""By what a row is, as `generic_words.KINDS`."""
